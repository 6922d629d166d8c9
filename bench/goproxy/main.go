// A proxy as a Go programmer would write it in forty lines: checks the token, reads the model, passes the rest through httputil.ReverseProxy.
// Usage: goproxy LISTEN UPSTREAM TOKEN
package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	upstream, err := url.Parse(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.FlushInterval = -1
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 512, MaxIdleConns: 2048, DisableCompression: true}
	want := sha256.Sum256([]byte("Bearer " + os.Args[3]))
	serve := func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		var asked struct {
			Model  string `json:"model"`
			Stream bool   `json:"stream"`
		}
		if err != nil || json.Unmarshal(body, &asked) != nil || asked.Model == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(serve)))
}
