// Go's mime/multipart, for scripts/bench --multipart: the bodies in these files, given in pieces of
// 8 KiB, the best of 5 in GB/s.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"os"
	"time"
)

const boundary = "----WebKitFormBoundaryq3Ws8TtJ1dRvXb5Z"

// pieces gives as many bytes at a time as a connection would.
type pieces struct{ reader io.Reader }

func (p pieces) Read(into []byte) (int, error) {
	return p.reader.Read(into[:min(len(into), 8192)])
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func main() {
	for _, path := range os.Args[1:] {
		body, err := os.ReadFile(path)
		if err != nil {
			log.Fatal(err)
		}
		head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
		message := bytes.Join([][]byte{[]byte(head), body, []byte("\r\n--" + boundary + "--\r\n")}, nil)
		best := time.Hour
		for i := 0; i < 5; i++ {
			started := time.Now()
			part, err := multipart.NewReader(pieces{bytes.NewReader(message)}, boundary).NextRawPart()
			if err != nil {
				log.Fatal(err)
			}
			count, err := io.Copy(io.Discard, part)
			if err != nil || count != int64(len(body)) {
				log.Fatal("the part was not read: ", count, err)
			}
			if took := time.Since(started); took < best {
				best = took
			}
		}
		fmt.Println(float64(len(body)) / 1e9 / best.Seconds())
	}
}
