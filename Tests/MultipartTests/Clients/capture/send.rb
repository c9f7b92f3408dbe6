# Sends the form by the Ruby client that is named first; then come the URL and the file.

require "stringio"

TYPE = "audio/webm;codecs=opus"
FIELDS = { "duration" => "12", "topic" => "one\ntwo é", "language" => "pt_BR" }
client, url, file = ARGV
name = File.basename(file)

# A file that knows its name and type, as Rack's and Rails' uploads do.
class Upload < StringIO
  attr_accessor :original_filename, :content_type

  def path = original_filename
end
# Some write a quote in a name as it is.
unquoted = name.delete('"')
upload = Upload.new(File.binread(file))
upload.original_filename = unquoted
upload.content_type = TYPE

version =
  case client
  when "net-http"
    require "net/http"
    uri = URI(url)
    request = Net::HTTP::Post.new(uri)
    audio = ["audio", File.open(file), { filename: name, content_type: TYPE }]
    request.set_form([audio, *FIELDS], "multipart/form-data")
    Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
    RUBY_VERSION
  when "multipart-post"
    require "net/http/post/multipart"
    uri = URI(url)
    audio = UploadIO.new(File.open(file), TYPE, unquoted)
    request = Net::HTTP::Post::Multipart.new(uri.path, FIELDS.merge("audio" => audio))
    Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }
    Gem.loaded_specs["multipart-post"]&.version || MultipartPost::VERSION
  when "faraday"
    require "faraday"
    connection = Faraday.new { |builder| builder.request :multipart; builder.adapter :net_http }
    audio = Faraday::UploadIO.new(file, TYPE, unquoted)
    connection.post(url, FIELDS.merge("audio" => audio))
    Faraday::VERSION
  when "rest-client"
    require "rest-client"
    RestClient.post(url, { audio: upload, **FIELDS, multipart: true })
    RestClient::VERSION
  when "httparty"
    require "httparty"
    HTTParty.post(url, body: { audio: File.open(file), **FIELDS }, multipart: true)
    HTTParty::VERSION
  when "http.rb"
    require "http"
    audio = HTTP::FormData::File.new(file, content_type: TYPE, filename: name)
    HTTP.post(url, form: { audio: audio, **FIELDS })
    HTTP::VERSION
  when "httpclient"
    require "httpclient"
    audio = { :content => File.open(file), "Content-Type" => TYPE,
              "Content-Disposition" => "form-data; name=\"audio\"; filename=\"recording.webm\"" }
    HTTPClient.post(url, [audio, *FIELDS], "Content-Type" => "multipart/form-data")
    HTTPClient::VERSION
  end
puts version
