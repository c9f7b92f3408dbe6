// Sends the form by Poco's HTMLForm: the client's name (one there is), the URL and the file.

#include <Poco/Net/FilePartSource.h>
#include <Poco/Net/HTMLForm.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <string>

int main(int, char **arguments) {
  const Poco::URI uri(arguments[2]);
  const std::string file = arguments[3];
  std::string name = file.substr(file.rfind('/') + 1);
  name.erase(name.find('"'), 1);  // it writes a quote in a name as it is
  Poco::Net::HTTPRequest request("POST", uri.getPath(), "HTTP/1.1");
  Poco::Net::HTMLForm form(Poco::Net::HTMLForm::ENCODING_MULTIPART);
  form.addPart("audio", new Poco::Net::FilePartSource(file, name, "audio/webm;codecs=opus"));
  form.add("duration", "12");
  form.add("topic", "one\ntwo \xC3\xA9");
  form.add("language", "pt_BR");
  form.prepareSubmit(request);
  Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
  form.write(session.sendRequest(request));
  Poco::Net::HTTPResponse response;
  session.receiveResponse(response);
}
