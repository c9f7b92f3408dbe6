// Sends the form by Go's mime/multipart: the client's name (one there is), the URL and the file.
package main

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

var quote = strings.NewReplacer("\\", "\\\\", `"`, "\\\"")

func main() {
	url, file := os.Args[2], os.Args[3]
	content, err := os.ReadFile(file)
	check(err)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	// CreateFormFile, but for the type, which it leaves no choice of.
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition",
		fmt.Sprintf(`form-data; name="%s"; filename="%s"`, "audio", quote.Replace(filepath.Base(file))))
	header.Set("Content-Type", "audio/webm;codecs=opus")
	part, err := form.CreatePart(header)
	check(err)
	_, err = part.Write(content)
	check(err)
	check(form.WriteField("duration", "12"))
	check(form.WriteField("topic", "one\ntwo é"))
	check(form.WriteField("language", "pt_BR"))
	check(form.Close())
	_, err = http.Post(url, form.FormDataContentType(), &body)
	check(err)
	fmt.Println(strings.TrimPrefix(runtime.Version(), "go"))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
