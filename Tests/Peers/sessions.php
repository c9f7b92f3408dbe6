<?php
// The same handlers as plain PHP under PHP-FPM would have them: PHP itself takes the form to a file,
// the connection to the database is kept from request to request, and that to the store is not.

function setting(string $name): string
{
    return getenv($name) ?: throw new RuntimeException("$name is not set");
}

function run(string $text, array $values): array
{
    static $database = null;
    $database ??= pg_pconnect(setting("DATABASE_URL"));
    $result = pg_query_params($database, $text, $values);
    if ($result === false) {
        throw new RuntimeException(pg_last_error($database));
    }
    return pg_fetch_all($result);
}

function make_id(): string
{
    return "c" . bin2hex(random_bytes(12));
}

function store(string $method, string $key, string $hash, mixed $file = null, int $length = 0): void
{
    $path = "/" . setting("R2_BUCKET_NAME") . "/" . $key;
    $host = substr(setting("R2_ENDPOINT"), strlen("https://"));
    $time = gmdate("Ymd\THis\Z");
    $names = "host;x-amz-content-sha256;x-amz-date";
    $canonical = "$method\n$path\n\nhost:$host\nx-amz-content-sha256:$hash\nx-amz-date:$time\n\n"
        . "$names\n$hash";
    $scope = substr($time, 0, 8) . "/auto/s3/aws4_request";
    $signing = "AWS4" . setting("R2_SECRET_ACCESS_KEY");
    foreach (explode("/", $scope) as $step) {
        $signing = hash_hmac("sha256", $step, $signing, true);
    }
    $signed = "AWS4-HMAC-SHA256\n$time\n$scope\n" . hash("sha256", $canonical);
    $signature = hash_hmac("sha256", $signed, $signing);
    $credential = setting("R2_ACCESS_KEY_ID") . "/$scope";
    $transfer = curl_init(setting("R2_ENDPOINT") . $path);
    curl_setopt_array($transfer, [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_CAINFO => setting("R2_CA_FILE"),
        CURLOPT_HTTPHEADER => [
            "Content-Type: audio/webm",
            "Expect:",
            "x-amz-content-sha256: $hash",
            "x-amz-date: $time",
            "Authorization: AWS4-HMAC-SHA256 Credential=$credential,"
                . " SignedHeaders=$names, Signature=$signature",
        ],
    ]);
    if ($file) {
        curl_setopt_array($transfer, [
            CURLOPT_UPLOAD => true, CURLOPT_INFILE => $file, CURLOPT_INFILESIZE => $length,
        ]);
    }
    curl_exec($transfer);
    $status = curl_getinfo($transfer, CURLINFO_RESPONSE_CODE);
    if ($status < 200 || $status > 299) {
        throw new RuntimeException("store: $status");
    }
}

function find_user(string $name): ?string
{
    return run('SELECT id FROM users WHERE "externalId" = $1', [$name])[0]["id"] ?? null;
}

function create(string $user): array
{
    $audio = $_FILES["audio"] ?? null;
    if (!$audio || $audio["error"]) {
        return [400, ["error" => "Audio file is required", "code" => "MISSING_AUDIO"]];
    }
    if (!is_numeric($_POST["duration"] ?? "")) {
        return [400, ["error" => "Valid duration is required", "code" => "INVALID_DURATION"]];
    }
    $owner = find_user($user) ?? run(
        'INSERT INTO users (id, "externalId", "updatedAt")'
        . " VALUES ($1, $2, now() AT TIME ZONE 'UTC') ON CONFLICT (\"externalId\")"
        . ' DO UPDATE SET "updatedAt" = excluded."updatedAt" RETURNING id',
        [make_id(), $user],
    )[0]["id"];
    $id = make_id();
    run(
        'INSERT INTO speaking_sessions (id, "userId", "durationSecs", "createdAt", "updatedAt")'
        . " VALUES ($1, $2, $3, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')",
        [$id, $owner, (int) round($_POST["duration"])],
    );
    $key = "sessions/$owner/$id/audio.webm";
    $hash = hash_file("sha256", $audio["tmp_name"]);
    store("PUT", $key, $hash, fopen($audio["tmp_name"], "rb"), $audio["size"]);
    $made = run(
        "UPDATE speaking_sessions SET \"audioUrl\" = $2, status = 'UPLOADED',"
        . " \"updatedAt\" = now() AT TIME ZONE 'UTC' WHERE id = $1 RETURNING id, status,"
        . " to_char(\"createdAt\", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS \"createdAt\"",
        [$id, $key],
    )[0];
    return [201, [...$made, "estimatedWaitSecs" => 30]];
}

function listing(string $user): array
{
    $page = (int) ($_GET["page"] ?? 1);
    $limit = (int) ($_GET["limit"] ?? 10);
    $owner = find_user($user);
    $iso = fn ($name) => "to_char(\"$name\", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS \"$name\"";
    $shown = run(
        'SELECT id, status, "durationSecs", language, topic, ' . $iso("createdAt") . ", "
        . $iso("updatedAt") . ' FROM speaking_sessions AS session WHERE "userId" = $1'
        . ' ORDER BY session."createdAt" DESC LIMIT $2 OFFSET $3',
        [$owner, $limit, ($page - 1) * $limit],
    );
    foreach ($shown as &$row) {
        $row["durationSecs"] = isset($row["durationSecs"]) ? (int) $row["durationSecs"] : null;
    }
    $total = run('SELECT count(*) FROM speaking_sessions WHERE "userId" = $1', [$owner]);
    $count = (int) $total[0]["count"];
    return [200, ["sessions" => $shown, "total" => $count, "page" => $page, "limit" => $limit]];
}

function remove(string $user, string $id): array
{
    $owner = find_user($user);
    $found = run(
        'SELECT "audioUrl" FROM speaking_sessions WHERE id = $1 AND "userId" = $2', [$id, $owner],
    );
    if (!$found) {
        return [404, ["error" => "Session not found", "code" => "SESSION_NOT_FOUND"]];
    }
    if ($found[0]["audioUrl"]) {
        store("DELETE", $found[0]["audioUrl"], hash("sha256", ""));
    }
    run("DELETE FROM speaking_sessions WHERE id = $1", [$id]);
    return [200, ["ok" => true]];
}

$user = $_SERVER["REMOTE_USER"];
[$status, $body] = match ($_SERVER["REQUEST_METHOD"]) {
    "GET" => listing($user),
    "POST" => create($user),
    "DELETE" => remove($user, basename($_SERVER["SCRIPT_NAME"])),
};
$text = json_encode($body, JSON_UNESCAPED_SLASHES);
http_response_code($status);
header("Content-Type: application/json");
header("Content-Length: " . strlen($text));
echo $text;
