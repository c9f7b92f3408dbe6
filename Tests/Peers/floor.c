// The least that list, upload and deletion cost in C on the libraries of sessions-fcgi: a thread
// for each connection that nginx keeps, prepared statements, kept TLS connections. It trusts
// its client, and has no deadline, limit, log, outbox or second try; what is missing here is what
// sessions-fcgi may cost more. Started as CGI it answers the list alone.
//   floor SOCKET THREADS      (DATABASE_URL, R2_* and TEMP_DIR as for sessions-fcgi)
#define _GNU_SOURCE
#include <fcgiapp.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, HASH_HEX = 64, DELIMITER_MAX = 80, ID_BYTES = 25 };

// What a request borrows, so that there are as many as requests at once, and not as threads.
typedef struct Lines {
  PGconn *database;
  SSL *store;
  struct Lines *next;
} Lines;

typedef struct {
  FCGX_Request request;
  Lines *lines;
  char piece[PIECE];
} Worker;

static Lines *free_lines;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_cgi, listener;
static SSL_CTX *tls;
static char store_host[256], store_port[8];

__attribute__((noreturn)) static void die(const char *what, const char *why) {
  fprintf(stderr, "floor: %s: %s\n", what, why);
  exit(1);
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  if (!value) die(name, "not set");
  return value;
}

// The database

#define ISO(column) "to_char(\"" column "\", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define NOW "(clock_timestamp() AT TIME ZONE 'UTC')::timestamp(3)"

static const char *const statements[][2] = {
  {"list",
   "WITH owner AS MATERIALIZED (SELECT id FROM users WHERE \"externalId\" = $1)"
   " SELECT json_build_object('sessions', (SELECT coalesce(json_agg(json_build_object("
   "'id', id, 'status', status, 'durationSecs', \"durationSecs\", 'language', language,"
   "'topic', topic, 'createdAt', " ISO("createdAt") ", 'updatedAt', " ISO("updatedAt") ")"
   " ORDER BY \"createdAt\" DESC, id DESC), '[]') FROM (SELECT id, status, \"durationSecs\","
   " language, topic, \"createdAt\", \"updatedAt\" FROM speaking_sessions"
   " WHERE \"userId\" = (SELECT id FROM owner) ORDER BY \"createdAt\" DESC, id DESC"
   " LIMIT $3::bigint OFFSET ($2::bigint - 1) * $3::bigint) AS shown),"
   "'total', (SELECT count(*) FROM speaking_sessions WHERE \"userId\" = (SELECT id FROM owner)),"
   "'page', $2::bigint, 'limit', $3::bigint)"},
  {"create",
   "WITH known AS (SELECT id FROM users WHERE \"externalId\" = $1),"
   " made AS (INSERT INTO users (id, \"externalId\", \"updatedAt\")"
   " SELECT $2, $1, " NOW " WHERE NOT EXISTS (SELECT FROM known)"
   " ON CONFLICT (\"externalId\") DO UPDATE SET \"updatedAt\" = excluded.\"updatedAt\""
   " RETURNING id)"
   " INSERT INTO speaking_sessions (id, \"userId\", \"durationSecs\", \"createdAt\", \"updatedAt\")"
   " SELECT $3, id, $4::integer, " NOW ", " NOW
   " FROM (SELECT id FROM known UNION ALL SELECT id FROM made) AS owner RETURNING \"userId\""},
  {"finish",
   "UPDATE speaking_sessions SET \"audioUrl\" = $2, status = 'UPLOADED', \"updatedAt\" = " NOW
   " WHERE id = $1 RETURNING " ISO("createdAt")},
  {"delete",
   "DELETE FROM speaking_sessions WHERE id = $2 AND \"userId\" ="
   " (SELECT id FROM users WHERE \"externalId\" = $1) RETURNING \"audioUrl\""},
};

static PGconn *connect_database(void) {
  PGconn *database = PQconnectdb(setting("DATABASE_URL"));
  if (PQstatus(database) != CONNECTION_OK) die("database", PQerrorMessage(database));
  for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
    PGresult *made = PQprepare(database, statements[i][0], statements[i][1], 0, NULL);
    if (PQresultStatus(made) != PGRES_COMMAND_OK) die("prepare", PQerrorMessage(database));
    PQclear(made);
  }
  return database;
}

static PGresult *run(Worker *worker, const char *name, int count, const char *const *values) {
  if (!worker->lines->database) worker->lines->database = connect_database();
  PGresult *result = PQexecPrepared(worker->lines->database, name, count, values, NULL, NULL, 0);
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    die(name, PQerrorMessage(worker->lines->database));
  }
  return result;
}

// The store: Signature Version 4 over a kept connection

static void hex(const unsigned char *bytes, size_t count, char *text) {
  for (size_t i = 0; i < count; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void hmac(const void *key, size_t count, const char *text, unsigned char out[32]) {
  HMAC(EVP_sha256(), key, (int)count, (const unsigned char *)text, strlen(text), out, NULL);
}

static void connect_store(Worker *worker) {
  struct addrinfo *found, hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  if (getaddrinfo(store_host, store_port, &hints, &found)) die("store", "unknown host");
  int one = 1, fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  if (connect(fd, found->ai_addr, found->ai_addrlen)) die("store", "cannot be reached");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  freeaddrinfo(found);
  worker->lines->store = SSL_new(tls);
  SSL_set_tlsext_host_name(worker->lines->store, store_host);
  SSL_set1_host(worker->lines->store, store_host);
  SSL_set_fd(worker->lines->store, fd);
  if (SSL_connect(worker->lines->store) != 1) die("store", "no TLS");
}

static void disconnect_store(Worker *worker) {
  SSL *store = worker->lines->store;
  if (!store) return;
  close(SSL_get_fd(store));
  SSL_free(store);
  worker->lines->store = NULL;
}

static int head(char *text, const char *method, const char *key, const char *hash, long length) {
  char day[9], time_text[17], scope[64], request[1024], to_sign[512], secret[256], signature[65];
  unsigned char digest[32], round[32];
  struct tm now;
  time_t seconds = time(NULL);
  gmtime_r(&seconds, &now);
  strftime(day, sizeof day, "%Y%m%d", &now);
  strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", &now);
  snprintf(scope, sizeof scope, "%s/auto/s3/aws4_request", day);
  int count = snprintf(request, sizeof request,
    "%s\n/%s/%s\n\nhost:%s:%s\nx-amz-content-sha256:%s\nx-amz-date:%s\n\n"
    "host;x-amz-content-sha256;x-amz-date\n%s",
    method, setting("R2_BUCKET_NAME"), key, store_host, store_port, hash, time_text, hash);
  EVP_Digest(request, (size_t)count, digest, NULL, EVP_sha256(), NULL);
  count = snprintf(to_sign, sizeof to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n", time_text, scope);
  hex(digest, 32, to_sign + count);
  count = snprintf(secret, sizeof secret, "AWS4%s", setting("R2_SECRET_ACCESS_KEY"));
  hmac(secret, (size_t)count, day, round);
  hmac(round, 32, "auto", digest);
  hmac(digest, 32, "s3", round);
  hmac(round, 32, "aws4_request", digest);
  hmac(digest, 32, to_sign, round);
  hex(round, 32, signature);
  return sprintf(text,
    "%s /%s/%s HTTP/1.1\r\nHost: %s:%s\r\nContent-Length: %ld\r\nContent-Type: audio/webm\r\n"
    "x-amz-content-sha256: %s\r\nx-amz-date: %s\r\nAuthorization: AWS4-HMAC-SHA256 "
    "Credential=%s/%s, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%s\r\n\r\n",
    method, setting("R2_BUCKET_NAME"), key, store_host, store_port, length, hash, time_text,
    setting("R2_ACCESS_KEY_ID"), scope, signature);
}

static int answer_of_store(Worker *worker) {
  char text[8192];
  int count = 0, status = 0;
  char *end = NULL;
  while (!end) {
    int more = SSL_read(worker->lines->store, text + count, (int)sizeof text - 1 - count);
    if (more <= 0) return 0;
    text[count += more] = 0;
    end = strstr(text, "\r\n\r\n");
  }
  sscanf(text, "HTTP/1.1 %d", &status);
  char *length = strcasestr(text, "\r\ncontent-length:");
  long left = (length ? atol(length + 17) : 0) - (text + count - (end + 4));
  for (int more; left > 0; left -= more) {
    more = SSL_read(worker->lines->store, text, left < 8192 ? (int)left : 8192);
    if (more <= 0) return 0;
  }
  return status;
}

static int send_to_store(Worker *worker, const char *method, const char *key, const char *hash,
                         int file, long length) {
  char text[2048];
  int count = head(text, method, key, hash, length);
  if (SSL_write(worker->lines->store, text, count) <= 0) return 0;
  for (long at = 0; at < length;) {
    ssize_t more = pread(file, worker->piece, PIECE, at);
    if (more <= 0 || SSL_write(worker->lines->store, worker->piece, (int)more) <= 0) return 0;
    at += more;
  }
  return answer_of_store(worker);
}

// The store closes a kept connection when it likes: then once more on a new one.
static int store(Worker *worker, const char *method, const char *key, const char *hash, int file,
                 long length) {
  int status = worker->lines->store ? send_to_store(worker, method, key, hash, file, length) : 0;
  if (status) return status;
  disconnect_store(worker);
  connect_store(worker);
  return send_to_store(worker, method, key, hash, file, length);
}

// The requests

static const char *parameter(Worker *worker, const char *name) {
  const char *value = is_cgi ? getenv(name) : FCGX_GetParam(name, worker->request.envp);
  return value ? value : "";
}

static void respond(Worker *worker, const char *status, const char *body) {
  char head[128];
  int count = snprintf(head, sizeof head,
    "Status: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status,
    strlen(body));
  if (is_cgi) {
    printf("%s%s", head, body);
    return;
  }
  FCGX_PutStr(head, count, worker->request.out);
  FCGX_PutStr(body, (int)strlen(body), worker->request.out);
}

static void list(Worker *worker) {
  int page = 1, limit = 10;
  char page_text[12], limit_text[12];
  sscanf(parameter(worker, "QUERY_STRING"), "page=%d&limit=%d", &page, &limit);
  snprintf(page_text, sizeof page_text, "%d", page);
  snprintf(limit_text, sizeof limit_text, "%d", limit);
  const char *values[] = {parameter(worker, "REMOTE_USER"), page_text, limit_text};
  PGresult *result = run(worker, "list", 3, values);
  respond(worker, "200 OK", PQgetvalue(result, 0, 0));
  PQclear(result);
}

static void make_id(char id[ID_BYTES + 1]) {
  unsigned char random[12];
  RAND_bytes(random, sizeof random);
  id[0] = 'c';
  hex(random, sizeof random, id + 1);
}

typedef struct {
  int file;
  long length;
  char hash[HASH_HEX + 1];
  int duration;
} Upload;

// The forms of the benchmark: the recording first, then the duration.
static int read_form(Worker *worker, Upload *upload) {
  const char *boundary = strstr(parameter(worker, "CONTENT_TYPE"), "boundary=");
  char delimiter[DELIMITER_MAX], *data = worker->piece;
  if (!boundary) return 0;
  int width = snprintf(delimiter, sizeof delimiter, "\r\n--%s", boundary + 9);
  int count = FCGX_GetStr(data, PIECE, worker->request.in);
  char *start = memmem(data, (size_t)count, "\r\n\r\n", 4), *found = NULL;
  if (!start) return 0;
  count -= (int)(start + 4 - data);
  memmove(data, start + 4, (size_t)count);

  EVP_MD_CTX *hash = EVP_MD_CTX_new();
  EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
  for (;;) {
    found = memmem(data, (size_t)count, delimiter, (size_t)width);
    int whole = found ? (int)(found - data) : count - width;
    if (whole > 0) {
      EVP_DigestUpdate(hash, data, (size_t)whole);
      if (write(upload->file, data, (size_t)whole) != whole) die("temporary file", "write");
      upload->length += whole;
      count -= whole;
      memmove(data, data + whole, (size_t)count);
    }
    if (found) break;
    int more = FCGX_GetStr(data + count, PIECE - count, worker->request.in);
    if (more <= 0) return EVP_MD_CTX_free(hash), 0;
    count += more;
  }
  unsigned char digest[32];
  EVP_DigestFinal_ex(hash, digest, NULL);
  EVP_MD_CTX_free(hash);
  hex(digest, sizeof digest, upload->hash);
  count += FCGX_GetStr(data + count, PIECE - 1 - count, worker->request.in);
  data[count] = 0;
  char *duration = strstr(data + width, "\r\n\r\n");
  return duration && sscanf(duration, "%d", &upload->duration) == 1;
}

static void create(Worker *worker) {
  char user[ID_BYTES + 1], id[ID_BYTES + 1], key[128], seconds[12], body[256];
  Upload upload = {.file = open(getenv("TEMP_DIR"), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (upload.file < 0) die("TEMP_DIR", "no temporary file");
  if (!read_form(worker, &upload)) {
    close(upload.file);
    respond(worker, "400 Bad Request", "{}");
    return;
  }
  make_id(user);
  make_id(id);
  snprintf(seconds, sizeof seconds, "%d", upload.duration);
  const char *values[] = {parameter(worker, "REMOTE_USER"), user, id, seconds};
  PGresult *result = run(worker, "create", 4, values);
  snprintf(key, sizeof key, "sessions/%s/%s/audio.webm", PQgetvalue(result, 0, 0), id);
  PQclear(result);
  int status = store(worker, "PUT", key, upload.hash, upload.file, upload.length);
  close(upload.file);
  if (status != 200) {
    respond(worker, "503 Service Unavailable", "{}");
    return;
  }
  result = run(worker, "finish", 2, (const char *[]){id, key});
  snprintf(body, sizeof body,
    "{\"id\": \"%s\", \"status\": \"UPLOADED\", \"createdAt\": \"%s\", \"estimatedWaitSecs\": 30}",
    id, PQgetvalue(result, 0, 0));
  PQclear(result);
  respond(worker, "201 Created", body);
}

static void delete(Worker *worker, const char *id) {
  static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const char *values[] = {parameter(worker, "REMOTE_USER"), id};
  PGresult *result = run(worker, "delete", 2, values);
  int found = PQntuples(result);
  if (found && !PQgetisnull(result, 0, 0)) {
    store(worker, "DELETE", PQgetvalue(result, 0, 0), empty, -1, 0);
  }
  PQclear(result);
  respond(worker, found ? "200 OK" : "404 Not Found", found ? "{\"ok\": true}" : "{}");
}

static void handle(Worker *worker) {
  pthread_mutex_lock(&lock);
  worker->lines = free_lines;
  if (free_lines) free_lines = free_lines->next;
  pthread_mutex_unlock(&lock);
  if (!worker->lines) worker->lines = calloc(1, sizeof *worker->lines);

  const char *method = parameter(worker, "REQUEST_METHOD");
  const char *last = strrchr(parameter(worker, "SCRIPT_NAME"), '/');
  if (!strcmp(method, "GET")) list(worker);
  else if (!strcmp(method, "POST")) create(worker);
  else delete(worker, last ? last + 1 : "");

  pthread_mutex_lock(&lock);
  worker->lines->next = free_lines;
  free_lines = worker->lines;
  pthread_mutex_unlock(&lock);
}

static void *serve(void *unused) {
  Worker *worker = calloc(1, sizeof *worker);
  FCGX_InitRequest(&worker->request, listener, 0);
  for (;;) {
    if (FCGX_Accept_r(&worker->request) < 0) continue;
    handle(worker);
    FCGX_Finish_r(&worker->request);
  }
  return unused;
}

static void prepare_store(void) {
  if (sscanf(setting("R2_ENDPOINT"), "https://%255[^:]:%7[0-9]", store_host, store_port) != 2) {
    die("R2_ENDPOINT", "is not https://HOST:PORT");
  }
  tls = SSL_CTX_new(TLS_client_method());
  if (!SSL_CTX_load_verify_locations(tls, setting("R2_CA_FILE"), NULL)) die("R2_CA_FILE", "bad");
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
}

int main(int count, char **arguments) {
  FCGX_Init();
  is_cgi = getenv("GATEWAY_INTERFACE") != NULL;
  if (is_cgi) {
    handle(calloc(1, sizeof(Worker)));
    return 0;
  }
  if (count != 3) die("usage", "floor SOCKET THREADS");
  prepare_store();
  listener = FCGX_OpenSocket(arguments[1], 1024);
  if (listener < 0) die(arguments[1], "cannot be listened on");
  pthread_t thread;
  for (int left = atoi(arguments[2]); left > 1; left--) {
    if (pthread_create(&thread, NULL, serve, NULL)) die("thread", "none");
  }
  serve(NULL);
  return 0;
}
