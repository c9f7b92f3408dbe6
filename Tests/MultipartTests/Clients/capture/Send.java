// Sends the form by the Java client that is named first; then come the URL and the file.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.entity.ContentType;
import org.apache.http.entity.mime.HttpMultipartMode;
import org.apache.http.entity.mime.MultipartEntityBuilder;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.VersionInfo;

class Send {
  static final String TYPE = "audio/webm;codecs=opus";
  static final Map<String, String> FIELDS = new LinkedHashMap<>();

  static {
    FIELDS.put("duration", "12");
    FIELDS.put("topic", "one\ntwo é");
    FIELDS.put("language", "pt_BR");
  }

  public static void main(String[] arguments) throws Exception {
    String url = arguments[1];
    Path file = Path.of(arguments[2]);
    switch (arguments[0]) {
      case "jdk-httpclient" -> httpClient(url, file);
      case "jdk-httpurlconnection" -> connection(url, file);
      case "apache-httpclient" -> apache(url, file, HttpMultipartMode.RFC6532);
      case "apache-httpclient-strict" -> apache(url, file, HttpMultipartMode.STRICT);
      case "okhttp" -> okHttp(url, file);
    }
    System.exit(0);
  }

  /** By hand, with the boundary that many copy: 256 random bits in decimal digits. */
  static void httpClient(String url, Path file) throws Exception {
    String boundary = new BigInteger(256, new Random()).toString();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    write(body, boundary, file);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Content-Type", "multipart/form-data;boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build();
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
    System.out.println(System.getProperty("java.version"));
  }

  /** By hand, as the best known MultipartUtility has it: no quotes, "===" and the time. */
  static void connection(String url, Path file) throws Exception {
    String boundary = "===" + System.currentTimeMillis() + "===";
    HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
    connection.setDoOutput(true);
    connection.setRequestProperty("Content-Type", "multipart/form-data; boundary=" + boundary);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    write(body, boundary, file);
    connection.getOutputStream().write(body.toByteArray());
    connection.getResponseCode();
    System.out.println(System.getProperty("java.version"));
  }

  static void write(ByteArrayOutputStream body, String boundary, Path file) throws IOException {
    for (Map.Entry<String, String> field : FIELDS.entrySet()) {
      text(body, "--" + boundary + "\r\n");
      text(body, "Content-Disposition: form-data; name=\"" + field.getKey() + "\"\r\n");
      text(body, "Content-Type: text/plain; charset=UTF-8\r\n\r\n" + field.getValue() + "\r\n");
    }
    text(body, "--" + boundary + "\r\nContent-Disposition: form-data; name=\"audio\"; ");
    text(body, "filename=\"recording.webm\"\r\nContent-Type: " + TYPE + "\r\n");
    text(body, "Content-Transfer-Encoding: binary\r\n\r\n");
    body.write(Files.readAllBytes(file));
    text(body, "\r\n--" + boundary + "--\r\n");
  }

  static void text(ByteArrayOutputStream body, String text) throws IOException {
    body.write(text.getBytes(StandardCharsets.UTF_8));
  }

  static void apache(String url, Path file, HttpMultipartMode mode) throws Exception {
    MultipartEntityBuilder form = MultipartEntityBuilder.create().setMode(mode);
    form.addBinaryBody(
        "audio", file.toFile(), ContentType.parse(TYPE), file.getFileName().toString());
    ContentType text = ContentType.create("text/plain", StandardCharsets.UTF_8);
    FIELDS.forEach((name, value) -> form.addTextBody(name, value, text));
    HttpPost request = new HttpPost(url);
    request.setEntity(form.build());
    HttpClients.createDefault().execute(request);
    System.out.println(
        VersionInfo.loadVersionInfo("org.apache.http.client", Send.class.getClassLoader())
            .getRelease());
  }

  static void okHttp(String url, Path file) throws Exception {
    MultipartBody.Builder form = new MultipartBody.Builder().setType(MultipartBody.FORM);
    form.addFormDataPart(
        "audio",
        file.getFileName().toString(),
        RequestBody.create(MediaType.parse(TYPE), file.toFile()));
    FIELDS.forEach(form::addFormDataPart);
    Request request = new Request.Builder().url(url).post(form.build()).build();
    new OkHttpClient().newCall(request).execute();
    System.out.println(okhttp3.internal.Version.userAgent());
  }
}
