module streamclient

go 1.21
