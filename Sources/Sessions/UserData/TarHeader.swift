// The headers of a tar archive (POSIX.1-2018, pax, "ustar Interchange Format").

/// Makes the 512 bytes before a file of an archive, and pax records for what they cannot hold.
enum TarHeader {
  static let blockBytes = 512

  /// What the field for the size can hold: 11 octal digits.
  private static let maxByteCount = 0o777_7777_7777
  private static let maxPathBytes = 100

  /// The header of a file, after one with pax records where the path or the size need it.
  static func file(_ path: String, byteCount: Int, modifiedAt: Int) -> [UInt8] {
    var records: [UInt8] = []
    if path.utf8.count > maxPathBytes { records += record("path", path) }
    if byteCount > maxByteCount { records += record("size", "\(byteCount)") }
    let header = block(
      Array(path.utf8.prefix(maxPathBytes)), min(byteCount, maxByteCount), modifiedAt, "0")
    guard !records.isEmpty else { return header }
    return block(Array("pax".utf8), records.count, modifiedAt, "x") + padded(records) + header
  }

  /// How many bytes fill a file's last block.
  static func paddingBytes(after byteCount: Int) -> Int {
    (blockBytes - byteCount % blockBytes) % blockBytes
  }

  /// `<length> <key>=<value>` and a line feed; the length counts all of it, itself included.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while "\(length)".utf8.count + rest.utf8.count != length {
      length = "\(length)".utf8.count + rest.utf8.count
    }
    return Array("\(length)\(rest)".utf8)
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: paddingBytes(after: bytes.count))
  }

  private static func block(
    _ name: [UInt8], _ byteCount: Int, _ modifiedAt: Int, _ type: Unicode.Scalar
  ) -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(blockBytes)
    func add(_ bytes: [UInt8], field size: Int) {
      block += bytes
      block += [UInt8](repeating: 0, count: size - bytes.count)
    }
    add(name, field: 100)
    add(octal(0o600, digits: 7), field: 8)
    add(octal(0, digits: 7), field: 8)
    add(octal(0, digits: 7), field: 8)
    add(octal(byteCount, digits: 11), field: 12)
    add(octal(min(max(0, modifiedAt), maxByteCount), digits: 11), field: 12)
    // The checksum counts its own field as blanks.
    let checksumStart = block.count
    block += [UInt8](repeating: UInt8(ascii: " "), count: 8)
    block.append(UInt8(ascii: type))
    add([], field: 100)
    add(Array("ustar".utf8), field: 6)
    add(Array("00".utf8), field: 2)
    add([], field: blockBytes - block.count)
    let sum = block.reduce(0) { $0 + Int($1) }
    block.replaceSubrange(checksumStart..<(checksumStart + 7), with: octal(sum, digits: 6) + [0])
    return block
  }

  private static func octal(_ value: Int, digits: Int) -> [UInt8] {
    let text = String(value, radix: 8)
    return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.utf8.count)
      + Array(text.utf8)
  }
}
