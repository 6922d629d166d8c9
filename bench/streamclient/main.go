// Opens streams, each on a connection of its own, at a fixed rate that does not wait for answers, and prints what became of them as JSON.
// With -streams it opens so many and holds them: it prints a first line when all are open, and the second when all have ended.
// Usage: streamclient -url URL -token TOKEN -body FILE -rate N (-seconds S | -streams N)
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/url"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"sync"
	"time"
)

const (
	streamsMax = 200_000
	heldMax    = 20_000
	secondsMax = 600
	addresses  = 4 // as many addresses of this machine, since one may not have all of a gateway's connections
	limit      = 300 * time.Second
)

// Found is what became of the streams. Times are from before the connection until the first byte of the stream, of those that answered 200.
type Found struct {
	Streams int            `json:"streams"`
	Open    int            `json:"open"`    // that began
	Whole   int            `json:"whole"`   // that also ended as they should
	Refused map[string]int `json:"refused"` // the others, by status or by what broke
	P50     float64        `json:"p50_ms"`
	P90     float64        `json:"p90_ms"`
	P99     float64        `json:"p99_ms"`
	P999    float64        `json:"p999_ms"`
	Most    float64        `json:"most_ms"`
	Late    float64        `json:"late_p99_ms"` // how late the client itself was with a stream
}

type client struct {
	address  string
	request  []byte
	opened   sync.WaitGroup // until each stream has begun or failed
	ended    sync.WaitGroup
	buffers  sync.Pool
	mutex    sync.Mutex
	firstMs  []float64
	lateMs   []float64
	whole    int
	refused  map[string]int
	deadline time.Time
}

func (c *client) fail(why string) {
	c.mutex.Lock()
	c.refused[why]++
	c.mutex.Unlock()
}

// stream asks for one and reads it to its end.
func (c *client) stream(number int, due time.Time) {
	defer c.ended.Done()
	began := time.Now()
	connection, why := c.first(number, began, began.Sub(due))
	c.opened.Done()
	if connection == nil {
		c.fail(why)
		return
	}
	defer connection.Close()
	if why = c.rest(connection); why != "" {
		c.fail(why)
		return
	}
	c.mutex.Lock()
	c.whole++
	c.mutex.Unlock()
}

// held is a connection whose stream has begun, with the last bytes that were read.
type held struct {
	net.Conn
	last []byte
}

func (c *client) first(number int, began time.Time, late time.Duration) (*held, string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+number%addresses))}, Deadline: c.deadline}
	connection, err := dialer.Dial("tcp4", c.address)
	if err != nil {
		return nil, "not connected"
	}
	connection.SetDeadline(c.deadline)
	if _, err = connection.Write(c.request); err != nil {
		connection.Close()
		return nil, "closed"
	}
	buffer := c.buffers.Get().(*[]byte)
	defer c.buffers.Put(buffer)
	received := 0
	for {
		count, err := connection.Read((*buffer)[received:])
		received += count
		answer := (*buffer)[:received]
		head := bytes.Index(answer, []byte("\r\n\r\n"))
		if received > 12 && head >= 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
			connection.Close()
			return nil, strconv.Quote(string(answer[9:12]))[1:4]
		}
		if head >= 0 && received > head+4 {
			took := time.Since(began)
			c.mutex.Lock()
			c.firstMs = append(c.firstMs, took.Seconds()*1e3)
			c.lateMs = append(c.lateMs, late.Seconds()*1e3)
			c.mutex.Unlock()
			return &held{connection, append([]byte(nil), answer[max(0, received-5):]...)}, ""
		}
		if err != nil || received == len(*buffer) {
			connection.Close()
			return nil, "closed"
		}
	}
}

func (c *client) rest(connection *held) string {
	var piece [1024]byte
	for !bytes.HasSuffix(connection.last, []byte("0\r\n\r\n")) {
		count, err := connection.Read(piece[:])
		connection.last = append(connection.last, piece[max(0, count-5):count]...)
		connection.last = connection.last[max(0, len(connection.last)-5):]
		if err != nil && count == 0 {
			return "broke off"
		}
	}
	return ""
}

func at(ordered []float64, share float64) float64 {
	if len(ordered) == 0 {
		return 0
	}
	return ordered[min(len(ordered)-1, int(float64(len(ordered))*share))]
}

func (c *client) say(streams int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sort.Float64s(c.firstMs)
	sort.Float64s(c.lateMs)
	json.NewEncoder(os.Stdout).Encode(Found{
		Streams: streams, Open: len(c.firstMs), Whole: c.whole, Refused: c.refused, P50: at(c.firstMs, 0.5), P90: at(c.firstMs, 0.9),
		P99: at(c.firstMs, 0.99), P999: at(c.firstMs, 0.999), Most: at(c.firstMs, 1), Late: at(c.lateMs, 0.99),
	})
}

func main() {
	target := flag.String("url", "", "where to ask; an address of this machine")
	token := flag.String("token", "", "what to present")
	file := flag.String("body", "", "the request's body")
	rate := flag.Float64("rate", 100, "streams a second")
	seconds := flag.Float64("seconds", 10, "for how long")
	streams := flag.Int("streams", 0, "how many to hold at once")
	flag.Parse()
	parsed, err := url.Parse(*target)
	if err != nil || net.ParseIP(parsed.Hostname()) == nil || !net.ParseIP(parsed.Hostname()).IsLoopback() {
		log.Fatal("the address must be one of this machine, such as http://127.0.0.1:8484/…")
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		log.Fatal(err)
	}
	count := int(*rate * *seconds)
	if *streams > 0 {
		count = *streams
	}
	if *rate <= 0 || *seconds > secondsMax || count > streamsMax || *streams > heldMax {
		log.Fatalf("at most %d streams, %d of them at once, in at most %d s", streamsMax, heldMax, secondsMax)
	}
	debug.SetGCPercent(400) // few collections, so that they do not show in the percentiles
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nhost: %s\r\nauthorization: Bearer %s\r\nanthropic-version: 2023-06-01\r\n"+
		"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n", parsed.RequestURI(), parsed.Host, *token, len(body))
	c := &client{address: parsed.Host, request: append([]byte(head), body...), refused: map[string]int{}, deadline: time.Now().Add(limit)}
	c.deadline = c.deadline.Add(time.Duration(*seconds * float64(time.Second)))
	c.buffers.New = func() any { buffer := make([]byte, 16<<10); return &buffer }
	began := time.Now()
	for number := 0; number < count; number++ {
		due := began.Add(time.Duration(float64(number) / *rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		c.opened.Add(1)
		c.ended.Add(1)
		go c.stream(number, due)
	}
	c.opened.Wait()
	if *streams > 0 {
		c.say(count)
	}
	c.ended.Wait()
	c.say(count)
}
