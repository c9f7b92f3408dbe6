// Whom to tell, and how what is told is signed.

import HTTPClient
import Testing

@testable import Webhook

private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
private let other = String(repeating: "eHh4", count: 21) + "eA=="

@Suite struct `A webhook's message` {
  private let message = WebhookMessage(
    sessionID: "c0123456789abcdefghijklmn", uploadedAt: "2026-02-18T22:55:18.123Z",
    traceparent: nil)

  /// The signatures are Python's `hmac`.
  @Test func `is signed with every secret`() throws {
    let message = try #require(message)
    let one = "v1,AyktsltSsdP6gQ3DaEbOkvBNRgVQ0lOURC+tepZtA4Y="
    let two = "v1,4eJFyPrzavvONp8tZoKzCFY7CaBhIEPH1iQ3yYheeVQ="
    let secrets = try #require(WebhookSecrets(secret))
    #expect(message.signature(secrets, at: 1_771_455_318) == one)
    #expect(message.signature(secrets, at: 1_771_455_319) != one)
    let both = try #require(WebhookSecrets("\(other)\n \(secret)"))
    #expect(message.signature(both, at: 1_771_455_318) == "\(two) \(one)")
    #expect(message.id == "uploaded_c0123456789abcdefghijklmn")
  }

  @Test(arguments: ["", "a\"b", "a.b", "a\r\nx: y", "é", String(repeating: "a", count: 65)])
  func `is of no id that would need escapes`(id: String) {
    #expect(WebhookMessage(sessionID: id, uploadedAt: "now", traceparent: nil) == nil)
  }
}

@Suite struct `A webhook's receiver` {
  @Test(arguments: [
    ("https://app.example", "app.example", 443, "/", false),
    ("HTTPS://App.example:8443/a/?b=c%20d", "App.example", 8443, "/a/?b=c%20d", false),
    ("https://app.example?b", "app.example", 443, "/?b", false),
    ("http://127.0.0.1", "127.0.0.1", 80, "/", true),
    ("http://127.255.0.9:3000/hook", "127.255.0.9", 3000, "/hook", true),
    ("http://LocalHost:3000/", "LocalHost", 3000, "/", true),
    ("http://[::1]/x", "::1", 80, "/x", true), ("http://[::1]:81/x", "::1", 81, "/x", true),
  ])
  func `is an address as it was written`(
    url: String, host: String, port: UInt16, target: String, isPlain: Bool
  ) throws {
    let receiver = try WebhookReceiver(url)
    #expect(receiver.endpoint.host == host && receiver.endpoint.port == port)
    #expect(receiver.target == target && receiver.isPlain == isPlain)
  }

  @Test(arguments: [
    "http://app.example", "http://10.0.0.1/", "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/", "http://127.1/", "http://1270.0.0.1/", "http://127.0.0.256/",
    "http://[::2]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://localhost./",
  ])
  func `without TLS is on this machine alone`(url: String) {
    #expect(throws: WebhookReceiver.Mistake.plainElsewhere) { try WebhookReceiver(url) }
  }

  @Test(arguments: [
    "", "/", "https://", "app.example", "ftp://127.0.0.1", "https://u:p@app.example/",
    "http://u@127.0.0.1/", "https://app.example/#a", "https://app.example/a b",
    "https://app.example/\r\nx: y", "https://app.example/é", "https://é.example",
    "https://app.example:0/", "https://app.example\\@evil.example/",
  ])
  func `is refused if it is anything else`(url: String) {
    #expect(throws: WebhookReceiver.Mistake.malformed) { try WebhookReceiver(url) }
  }
}

@Suite struct `A webhook's secrets` {
  @Test func `are shown by no way of printing`() throws {
    let secrets = try #require(WebhookSecrets(secret))
    var dumped = "\(secrets) \(String(reflecting: secrets))"
    dump(secrets, to: &dumped)
    #expect(!dumped.contains("MfKQ"))
  }

  @Test(arguments: [
    "", " ", "whsec_", "eHh4", String(repeating: "eHh4", count: 22), "\(secret)=",
    "\(secret.dropLast())", "\(secret) \(other) \(secret)", "\(secret) short",
    String(repeating: "eHh4", count: 7) + "eH==", String(repeating: "-_-_", count: 8),
  ])
  func `are one or two of 24 to 64 bytes in base64`(text: String) {
    #expect(WebhookSecrets(text) == nil)
  }

  @Test func `may stand in lines or between commas`() {
    #expect(WebhookSecrets("\(secret),\(other)")?.secrets.count == 2)
    #expect(WebhookSecrets("\n\(secret)\n\(other)\n")?.secrets.count == 2)
  }
}
