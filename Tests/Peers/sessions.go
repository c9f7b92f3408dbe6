// The same work in Go, as its standard library has it: net/http behind nginx, mime/multipart to a
// temporary file, and of packages lib/pq alone; what signs for the store is below. The statements
// are the floor's, and here too is no deadline, limit, log, outbox or second try.
//
//	sessions SOCKET      (DATABASE_URL, R2_* and TEMP_DIR as for sessions-fcgi)
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	_ "github.com/lib/pq"
)

const (
	connections = 16 // to the database and to the store, as sessions-fcgi has workers
	piece       = 64 << 10
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatal(name, " is not set")
	}
	return value
}

// The database

const now = `(clock_timestamp() AT TIME ZONE 'UTC')::timestamp(3)`

func iso(column string) string {
	return `to_char("` + column + `", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

var (
	listText = `WITH owner AS MATERIALIZED (SELECT id FROM users WHERE "externalId" = $1)
		SELECT json_build_object('sessions', (SELECT coalesce(json_agg(json_build_object(
			'id', id, 'status', status, 'durationSecs', "durationSecs", 'language', language,
			'topic', topic, 'createdAt', ` + iso("createdAt") + `, 'updatedAt', ` + iso("updatedAt") + `)
			ORDER BY "createdAt" DESC, id DESC), '[]')
		FROM (SELECT id, status, "durationSecs", language, topic, "createdAt", "updatedAt"
			FROM speaking_sessions WHERE "userId" = (SELECT id FROM owner)
			ORDER BY "createdAt" DESC, id DESC
			LIMIT $3::bigint OFFSET ($2::bigint - 1) * $3::bigint) AS shown),
		'total', (SELECT count(*) FROM speaking_sessions WHERE "userId" = (SELECT id FROM owner)),
		'page', $2::bigint, 'limit', $3::bigint)`
	createText = `WITH known AS (SELECT id FROM users WHERE "externalId" = $1),
		made AS (INSERT INTO users (id, "externalId", "updatedAt")
			SELECT $2, $1, ` + now + ` WHERE NOT EXISTS (SELECT FROM known)
			ON CONFLICT ("externalId") DO UPDATE SET "updatedAt" = excluded."updatedAt"
			RETURNING id)
		INSERT INTO speaking_sessions (id, "userId", "durationSecs", "createdAt", "updatedAt")
		SELECT $3, id, $4::integer, ` + now + `, ` + now + `
		FROM (SELECT id FROM known UNION ALL SELECT id FROM made) AS owner RETURNING "userId"`
	finishText = `UPDATE speaking_sessions
		SET "audioUrl" = $2, status = 'UPLOADED', "updatedAt" = ` + now + `
		WHERE id = $1 RETURNING ` + iso("createdAt")
	deleteText = `DELETE FROM speaking_sessions WHERE id = $2
		AND "userId" = (SELECT id FROM users WHERE "externalId" = $1) RETURNING "audioUrl"`
)

// The store: Signature Version 4 over kept connections

type store struct {
	client                                 *http.Client
	endpoint, bucket, accessKey, secretKey string
}

func newStore() store {
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(must(os.ReadFile(setting("R2_CA_FILE")))) {
		log.Fatal("R2_CA_FILE has no certificates")
	}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: authorities},
		MaxIdleConnsPerHost: connections,
		DisableCompression:  true,
	}
	return store{&http.Client{Transport: transport}, setting("R2_ENDPOINT"),
		setting("R2_BUCKET_NAME"), setting("R2_ACCESS_KEY_ID"), setting("R2_SECRET_ACCESS_KEY")}
}

func (s store) send(method, key, hash string, file io.ReaderAt, length int64) error {
	request, err := http.NewRequest(method, s.endpoint+"/"+s.bucket+"/"+key, nil)
	if err != nil {
		return err
	}
	if file != nil {
		request.ContentLength = length
		request.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(file, 0, length)), nil
		}
		request.Body, _ = request.GetBody()
	}
	s.sign(request, hash)
	// Not sent: has it once more on a new connection, where the store closed a kept one.
	request.Header["Idempotency-Key"] = nil
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode > 299 {
		return fmt.Errorf("store: %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func (s store) sign(request *http.Request, hash string) {
	const names = "host;x-amz-content-sha256;x-amz-date"
	stamp := time.Now().UTC().Format("20060102T150405Z")
	canonical := strings.Join([]string{
		request.Method, request.URL.Path, "", "host:" + request.URL.Host,
		"x-amz-content-sha256:" + hash, "x-amz-date:" + stamp, "", names, hash,
	}, "\n")
	scope := stamp[:8] + "/auto/s3/aws4_request"
	key := []byte("AWS4" + s.secretKey)
	for _, step := range strings.Split(scope, "/") {
		key = hmacOf(key, step)
	}
	toSign := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hashOf(canonical)
	request.Header.Set("Content-Type", "audio/webm")
	request.Header.Set("x-amz-content-sha256", hash)
	request.Header.Set("x-amz-date", stamp)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.accessKey+"/"+scope+
		", SignedHeaders="+names+", Signature="+hex.EncodeToString(hmacOf(key, toSign)))
}

func hmacOf(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, text)
	return mac.Sum(nil)
}

func hashOf(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// The requests

type peer struct {
	list, create, finish, delete *sql.Stmt
	store                        store
}

func newPeer() peer {
	database := must(sql.Open("postgres", setting("DATABASE_URL")))
	database.SetMaxOpenConns(connections)
	database.SetMaxIdleConns(connections)
	return peer{must(database.Prepare(listText)), must(database.Prepare(createText)),
		must(database.Prepare(finishText)), must(database.Prepare(deleteText)), newStore()}
}

type fields map[string]any

func makeID() string {
	var random [12]byte
	rand.Read(random[:])
	return "c" + hex.EncodeToString(random[:])
}

func (p peer) listSessions(user string, request *http.Request) (int, any, error) {
	query := request.URL.Query()
	page, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		page = 1
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil {
		limit = 10
	}
	var shown json.RawMessage
	err = p.list.QueryRow(user, page, limit).Scan(&shown)
	return 200, shown, err
}

type upload struct {
	file     *os.File
	length   int64
	hash     string
	duration int
}

func (u *upload) read(request *http.Request) error {
	// In larger pieces than mime/multipart asks for.
	request.Body = io.NopCloser(bufio.NewReaderSize(request.Body, piece))
	form, err := request.MultipartReader()
	for err == nil {
		part, partErr := form.NextPart()
		if partErr == io.EOF {
			return nil
		}
		if partErr != nil {
			return partErr
		}
		switch part.FormName() {
		case "audio":
			err = u.readAudio(part)
		case "duration":
			_, err = fmt.Fscan(part, &u.duration)
		}
	}
	return err
}

func (u *upload) readAudio(part io.Reader) (err error) {
	digest, file := sha256.New(), bufio.NewWriterSize(u.file, piece)
	if u.length, err = io.Copy(io.MultiWriter(digest, file), part); err != nil {
		return err
	}
	u.hash = hex.EncodeToString(digest.Sum(nil))
	return file.Flush()
}

func (p peer) createSession(user string, request *http.Request) (int, any, error) {
	file, err := os.CreateTemp(setting("TEMP_DIR"), "upload-")
	if err != nil {
		return 0, nil, err
	}
	defer file.Close()
	os.Remove(file.Name())
	upload := upload{file: file}
	if err := upload.read(request); err != nil {
		return 0, nil, err
	}
	var owner, createdAt string
	id := makeID()
	if err := p.create.QueryRow(user, makeID(), id, upload.duration).Scan(&owner); err != nil {
		return 0, nil, err
	}
	key := "sessions/" + owner + "/" + id + "/audio.webm"
	if err := p.store.send("PUT", key, upload.hash, file, upload.length); err != nil {
		return 0, nil, err
	}
	err = p.finish.QueryRow(id, key).Scan(&createdAt)
	return 201, fields{
		"id": id, "status": "UPLOADED", "createdAt": createdAt, "estimatedWaitSecs": 30,
	}, err
}

func (p peer) deleteSession(user, id string) (int, any, error) {
	var key sql.NullString
	err := p.delete.QueryRow(user, id).Scan(&key)
	if err == sql.ErrNoRows {
		return 404, fields{"error": "Session not found", "code": "SESSION_NOT_FOUND"}, nil
	}
	if err == nil && key.Valid {
		err = p.store.send("DELETE", key.String, hashOf(""), nil, 0)
	}
	return 200, fields{"ok": true}, err
}

func (p peer) answer(request *http.Request) (int, any, error) {
	user := request.Header.Get("X-Remote-User")
	switch request.Method {
	case "GET":
		return p.listSessions(user, request)
	case "POST":
		return p.createSession(user, request)
	}
	return p.deleteSession(user, path.Base(request.URL.Path))
}

func (p peer) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	status, body, err := p.answer(request)
	if err != nil {
		log.Print(err)
		status, body = 500, fields{"error": "Something went wrong", "code": "INTERNAL_ERROR"}
	}
	text, isText := body.(json.RawMessage) // PostgreSQL's, not to be looked through again
	if !isText {
		text, _ = json.Marshal(body)
	}
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Content-Length", strconv.Itoa(len(text)))
	response.WriteHeader(status)
	response.Write(text)
}

func main() {
	log.Fatal(http.Serve(must(net.Listen("unix", os.Args[1])), newPeer()))
}
