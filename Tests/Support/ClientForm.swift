// What client libraries send for one form: Tests/MultipartTests/Clients.

internal import FoundationEssentials

/// A request as its sender wrote it, and the form that was meant.
package struct ClientForm: Sendable, CustomStringConvertible {
  package struct Part: Sendable {
    package let name: String
    package let filename: String?
    package let type: String?
    package let body: [UInt8]
  }

  package let file: String
  package let contentType: String
  package let body: [UInt8]
  package let parts: [Part]
  /// The recording, which is the body of the part `audio`.
  package let audio: [UInt8]

  package var description: String { file }

  /// All that the manifest lists, which has to be all that is there.
  package static func all() throws -> [ClientForm] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../MultipartTests/Clients")
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: folder.appending(path: "manifest.json")))
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".http") }
    guard Set(files) == Set(manifest.clients.map(\.file)) else { throw Incomplete() }
    return try manifest.clients.map { client in
      let message = Array(try Data(contentsOf: folder.appending(path: client.file)))
      return try ClientForm(client, message, audio: manifest.recording())
    }
  }

  /// The manifest and the files do not belong together.
  private struct Incomplete: Error {}

  private init(_ client: Manifest.Client, _ message: [UInt8], audio: [UInt8]) throws {
    guard let end = message.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Incomplete() }
    let head = String(decoding: message[..<end.lowerBound], as: UTF8.self)
    let prefix = "Content-Type: "
    guard let line = head.split(separator: "\r\n").first(where: { $0.hasPrefix(prefix) })
    else { throw Incomplete() }
    file = client.file
    contentType = String(line.dropFirst(prefix.count))
    body = Array(message[end.upperBound...])
    parts = client.parts.map { part in
      Part(
        name: part.name, filename: part.filename, type: part.type,
        body: part.text.map { Array($0.utf8) } ?? audio)
    }
    self.audio = audio
  }
}

/// manifest.json.
private struct Manifest: Decodable {
  struct Client: Decodable {
    let file: String
    let parts: [Part]
  }

  struct Part: Decodable {
    let name: String
    let filename, type, text: String?
  }

  /// In hexadecimal digits.
  let audio: String
  let clients: [Client]

  func recording() throws -> [UInt8] {
    let digits = Array(audio)
    return try stride(from: 0, to: digits.count - 1, by: 2).map { index in
      guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16) else {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "audio"))
      }
      return byte
    }
  }
}
