// Sends the form by System.Net.Http: the client's name (one there is), the URL and the file.

using System;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;

class Send {
  static void Main(string[] arguments) {
    var form = new MultipartFormDataContent();
    var audio = new ByteArrayContent(File.ReadAllBytes(arguments[2]));
    audio.Headers.ContentType = MediaTypeHeaderValue.Parse("audio/webm;codecs=opus");
    form.Add(audio, "audio", "é.webm");
    form.Add(new StringContent("12"), "duration");
    form.Add(new StringContent("one\ntwo é"), "topic");
    form.Add(new StringContent("pt_BR"), "language");
    new HttpClient().PostAsync(arguments[1], form).Wait();
    Console.WriteLine(Environment.Version);
  }
}
