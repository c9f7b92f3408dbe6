<?php
// Sends the form by the PHP client that is named first; then come the URL and the file.

[, $client, $url, $file] = $argv;
$type = 'audio/webm;codecs=opus';
$name = substr(strrchr($file, '/'), 1);
$fields = ['duration' => '12', 'topic' => "one\ntwo é", 'language' => 'pt_BR'];

if ($client == 'php-curl') {
    $curl = curl_init($url);
    $audio = new CURLFile($file, $type, $name);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($curl, CURLOPT_POSTFIELDS, ['audio' => $audio] + $fields);
    curl_exec($curl);
    echo PHP_VERSION, ' (libcurl ', curl_version()['version'], ")\n";
} elseif ($client == 'guzzle') {
    require '/usr/share/php/GuzzleHttp/autoload.php';
    $unquoted = str_replace('"', '', $name); // it writes a quote in a name as it is
    $multipart = [
        ['name' => 'audio', 'contents' => fopen($file, 'r'), 'filename' => $unquoted]
            + ['headers' => ['Content-Type' => $type]],
    ];
    foreach ($fields as $key => $value) {
        $multipart[] = ['name' => $key, 'contents' => $value];
    }
    (new GuzzleHttp\Client())->post($url, ['multipart' => $multipart]);
} elseif ($client == 'symfony') {
    require '/usr/share/php/Symfony/Component/Mime/autoload.php';
    require '/usr/share/php/Symfony/Component/HttpClient/autoload.php';
    $audio = new Symfony\Component\Mime\Part\DataPart(file_get_contents($file), $name, $type);
    $form = new Symfony\Component\Mime\Part\Multipart\FormDataPart(['audio' => $audio] + $fields);
    Symfony\Component\HttpClient\HttpClient::create()->request('POST', $url, [
        'headers' => $form->getPreparedHeaders()->toArray(),
        'body' => $form->bodyToIterable(),
    ])->getStatusCode();
}
