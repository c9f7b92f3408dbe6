// All that is kept of a user, as an archive.

internal import HTTPClient
internal import HTTPSyntax
package import POSIX
package import Postgres
package import R2
package import SystemPackage

/// Reads what is kept of a user and writes it to a tar archive, one row or piece of a recording
/// after the other: memory stays the same however much it is.
///
/// No transaction is held over it. What is deleted while it runs may be missing, and what is made
/// may be in it.
package struct Export: ~Copyable {
  private let tables: ExportTables
  private let storage: R2Client
  private let user: ExportTables.User
  private var archive: TarWriter
  private var counts = Counts()

  /// What an archive holds.
  package struct Counts: Sendable {
    package var sessions = 0
    package var objects = 0
    package var byteCount = 0
    /// Sessions whose recording the store does not have.
    package var withoutObject: [String] = []
  }

  private init(
    _ user: ExportTables.User, _ tables: ExportTables, _ storage: R2Client,
    to archive: consuming TarWriter
  ) {
    self.user = user
    self.tables = tables
    self.storage = storage
    self.archive = archive
  }

  /// Begins the archive of the user with that `externalId`.
  package static func begin(
    of externalID: String, pool: ConnectionPool, schema: QuotedIdentifier, storage: R2Client,
    to output: consuming OwnedDescriptor
  ) throws(ExportError) -> Export {
    let tables = ExportTables(pool: pool, schema: schema)
    guard let user = try tables.user(externalID) else { throw .noUser }
    return Export(user, tables, storage, to: TarWriter(to: output, modifiedAt: user.now))
  }

  /// Writes all of it.
  ///
  /// - Throws: also where a recording cannot be read, unless the store says that it has none.
  package consuming func write() throws(ExportError) -> Counts {
    try add("user.json", user.json)
    try writeSessions()
    try writeOtherObjects()
    try tables.forEachUpload(of: user) { (name, json) throws(ExportError) in
      try add("uploads/\(segment(name)).json", json)
    }
    try tables.forEachJob(of: user) { (name, json) throws(ExportError) in
      try add("jobs/\(name).json", json)
    }
    try tables.forEachWebhook(of: user) { (name, json) throws(ExportError) in
      try add("webhooks/\(name).json", json)
    }
    do { try archive.finish() } catch { throw .output(error) }
    return counts
  }

  private mutating func writeSessions() throws(ExportError) {
    try tables.forEachSession(of: user) { (session) throws(ExportError) in
      // Nil where it was deleted since its page was read.
      guard let json = try tables.json(of: session, of: user) else { return }
      let directory = "sessions/\(segment(session.id))"
      try add("\(directory)/session.json", json)
      counts.sessions += 1
      guard let key = session.audioKey.flatMap(ObjectKey.init) else { return }
      let name = session.audioKey?.split(separator: "/").last.map(String.init) ?? ""
      let path = "\(directory)/\(name.hasPrefix("audio.") ? segment(name) : "audio")"
      if try !copy(key, to: path), try tables.isKept(key, of: session, of: user) {
        counts.withoutObject.append(session.id)
      }
    }
  }

  /// What the bucket holds of the user besides, as of sessions that the app makes in its own way.
  private mutating func writeOtherObjects() throws(ExportError) {
    guard let prefix = user.objectPrefix else { return }
    var listing = storage.list(prefix: prefix, pageSize: 100, deadline: .after(.seconds(86_400)))
    while let page = try listing.nextExportPage() {
      let recordings = try tables.recordings(among: page.objects.map(\.key.text), of: user)
      for object in page.objects where !recordings.contains(object.key.text) {
        let parts = object.key.text.dropFirst(prefix.count).split(
          separator: "/", omittingEmptySubsequences: false)
        _ = try copy(object.key, to: "objects/" + parts.map(segment).joined(separator: "/"))
      }
    }
  }

  private mutating func add(_ path: String, _ content: [UInt8]) throws(ExportError) {
    do { try archive.add(path, content.span) } catch { throw .output(error) }
  }

  // MARK: - Recordings

  /// How often in a row the rest of an object is asked for in vain.
  private static let maxFailures = 3

  /// Copies an object as it is stored. One that is cut off is gone on with where it was.
  ///
  /// - Returns: false where there is none.
  private mutating func copy(_ key: ObjectKey, to path: String) throws(ExportError) -> Bool {
    var object = CopiedObject(key: key, path: path)
    var failures = 0
    while true {
      let before = object.written
      do throws(ExportError) {
        try copyRest(of: &object)
        counts.objects += 1
        counts.byteCount += object.written
        return true
      } catch .storage(let error) {
        if object.head == nil, error.isMissingObject { return false }
        failures = object.written > before ? 1 : failures + 1
        guard failures < Export.maxFailures, object.head != nil else { throw .storage(error) }
      }
    }
  }

  private mutating func copyRest(of object: inout CopiedObject) throws(ExportError) {
    let start = object.written
    var reader = try storage.open(object.key, from: start)
    if let byteCount = try object.accept(reader.head) {
      do { try archive.begin(object.path, byteCount: byteCount) } catch { throw .output(error) }
    }
    while try reader.receive() {
      let count = reader.withBody { $0.count }
      guard count <= object.left else { throw .changed }
      do throws(Errno) {
        try reader.withBody { (bytes) throws(Errno) in try archive.append(bytes) }
      } catch {
        throw .output(error)
      }
      object.written += count
    }
    reader.end()
    guard object.left == 0 else { throw .changed }
  }
}

/// An object on its way into the archive.
private struct CopiedObject {
  let key: ObjectKey
  let path: String
  /// That of the first response.
  private(set) var head: ResponseHead?
  private(set) var byteCount = 0
  var written = 0

  init(key: ObjectKey, path: String) {
    self.key = key
    self.path = path
  }

  var left: Int { byteCount - written }

  /// Takes a response's head, and sees that later ones are of the same object.
  ///
  /// - Returns: of the first one, how long the object is.
  mutating func accept(_ head: ResponseHead) throws(ExportError) -> Int? {
    guard let first = self.head else {
      guard head.status == 200, let length = head.contentLength else {
        throw .unusable(head.status)
      }
      self.head = head
      byteCount = length
      return length
    }
    if written == 0, head.status == 200, head.contentLength == byteCount, head.etag == first.etag {
      return nil
    }
    guard head.status == 206, head.etag == first.etag,
      head.contentRange == "bytes \(written)-\(byteCount - 1)/\(byteCount)"
    else { throw .changed }
    return nil
  }
}

/// A name as one segment of a path that leads nowhere else.
private func segment(_ name: some StringProtocol) -> String {
  let encoded = percentEncoded(String(name)) { _ in false }
  return encoded.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
    ? String(repeating: "%2E", count: encoded.utf8.count) : encoded
}

extension R2Client {
  fileprivate func open(_ key: ObjectKey, from start: Int) throws(ExportError) -> ObjectReader {
    do {
      return try get(
        key, range: start == 0 ? nil : .from(start), deadline: .after(.seconds(30)),
        bodyLimits: BodyLimits(
          whole: .seconds(86_400), idleTimeout: .seconds(30), minBytesPerSecond: 16 * 1024))
    } catch {
      throw .storage(error)
    }
  }
}

extension ObjectReader {
  fileprivate mutating func receive() throws(ExportError) -> Bool {
    do { return try receiveBody() } catch { throw .storage(error) }
  }
}

extension Listing {
  fileprivate mutating func nextExportPage() throws(ExportError) -> ListedPage? {
    do { return try nextPage() } catch { throw .storage(error) }
  }
}

extension R2Error {
  /// Whether the store has no such object; a bucket that is missing is another matter.
  fileprivate var isMissingObject: Bool {
    guard case .refused(let refusal) = self else { return false }
    return refusal.status == 404 && refusal.code != "NoSuchBucket"
  }
}

/// Why an archive could not be written whole.
package enum ExportError: Error, CustomStringConvertible {
  case noUser
  case database(PostgresError)
  case storage(R2Error)
  /// A recording's response has this status, or no length.
  case unusable(Int)
  /// An object became another one while it was read.
  case changed
  case output(Errno)

  package var description: String {
    switch self {
    case .noUser: "there is no such user"
    case .database(let error): error.description
    case .storage(let error): error.description
    case .unusable(let status): "object storage answered \(status), or without a length"
    case .changed: "an object in storage changed while it was read"
    case .output(.fileExists): "the file is there already"
    case .output(.notSupported):
      "the file system cannot keep a file back until it is whole: use --to - > file"
    case .output(let error): "the archive cannot be written: \(error)"
    }
  }
}
