// Forms for tests, and what the service makes of them.

import Multipart
import OpenSSL
import POSIX
import SystemPackage

@testable import Sessions

/// A form as a browser sends it, with the boundary `B`.
struct Form {
  static let contentType = "multipart/form-data; boundary=B"

  private(set) var bytes: [UInt8] = []

  /// All but the end.
  init(_ parts: [Part]) { for part in parts { append(part) } }

  mutating func append(_ part: Part) {
    bytes += Form.head(part) + part.body + Array("\r\n".utf8)
  }

  var complete: [UInt8] { bytes + Form.end }

  static let end = Array("--B--\r\n".utf8)

  static func head(_ part: Part) -> [UInt8] {
    let type = part.type.map { "Content-Type: \($0)\r\n" } ?? ""
    let disposition = "Content-Disposition: form-data; name=\"\(part.name)\""
    let file = part.filename.map { "; filename=\"\($0)\"" } ?? ""
    return Array("--B\r\n\(disposition)\(file)\r\n\(type)\r\n".utf8)
  }
}

struct Part {
  var name: String
  var body: [UInt8]
  var filename: String?
  var type: String?

  static func text(_ name: String, _ value: String) -> Part {
    Part(name: name, body: Array(value.utf8))
  }

  static func file(
    _ name: String = "audio", _ body: [UInt8] = [1, 2, 3], type: String? = "audio/webm"
  ) -> Part {
    Part(name: name, body: body, filename: "recording", type: type)
  }
}

/// What became of a form, in a form that can be compared.
enum Outcome: Equatable {
  case upload(Seen)
  case refused(Refusal)
  case malformed(MultipartError)
  case tooLarge
  case temporaryFileFailed(Errno)

  struct Seen: Equatable {
    var contentType = "audio/webm"
    var subtype = "webm"
    var duration = 5
    var topic: String?
    var language = "en"
    var byteCount: Int
    var sha256: SHA256Digest
    /// The first bytes of the file.
    var beginning: [UInt8]

    init(_ body: [UInt8]) {
      byteCount = body.count
      sha256 = SHA256.hash(body.span)
      beginning = Array(body.prefix(64))
    }

    init(_ upload: borrowing Upload) {
      contentType = upload.contentType
      subtype = upload.subtype
      duration = upload.durationSeconds
      topic = upload.topic
      language = upload.language
      byteCount = upload.recording.byteCount
      sha256 = upload.recording.sha256
      var buffer = [UInt8](repeating: 0, count: 64)
      var room = buffer.mutableSpan
      // A file that cannot be read shows as an empty one.
      let count = try? unsafe room.withUnsafeMutableBytes { (room) throws(Errno) in
        try unsafe upload.recording.file.descriptor.read(at: 0, into: room)
      }
      beginning = Array(buffer.prefix(count ?? 0))
    }
  }
}

/// Feeds a form piece by piece through the real parser.
struct FormReader: ~Copyable {
  private var parser: MultipartParser
  private var form: UploadForm
  private(set) var failure: Outcome?

  init(directory: String = "/tmp") throws(MultipartError) {
    let boundary = try Boundary(contentType: Array(Form.contentType.utf8).span)
    parser = MultipartParser(boundary: boundary, limits: UploadForm.limits)
    form = UploadForm(files: TemporaryFiles(in: directory))
  }

  /// - Returns: whether more may come.
  @discardableResult
  mutating func feed(_ piece: [UInt8]) -> Bool {
    guard failure == nil else { return false }
    do {
      try parser.parse(piece.span, into: &form)
    } catch {
      failure = outcome(of: error)
    }
    return failure == nil
  }

  consuming func finish() -> Outcome {
    if let failure { return failure }
    do {
      try parser.finish(into: &form)
    } catch {
      return outcome(of: error)
    }
    do {
      return .upload(Outcome.Seen(try form.finish()))
    } catch {
      return .refused(error)
    }
  }

  static func read(_ pieces: [[UInt8]], directory: String = "/tmp") throws -> Outcome {
    var reader = try FormReader(directory: directory)
    for piece in pieces where !reader.feed(piece) { break }
    return reader.finish()
  }
}

private func outcome(of error: MultipartFailure<UploadForm.Failure>) -> Outcome {
  switch error {
  case .malformed(let error): .malformed(error)
  case .handler(.tooLarge): .tooLarge
  case .handler(.temporaryFile(let error)): .temporaryFileFailed(error)
  }
}
