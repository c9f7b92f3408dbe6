// The value of a Content-Type or a Content-Disposition.

// The grammar of one header is nobody's business outside the module.
@testable internal import Multipart

/// A boundary that is taken comes from no other media type and can be said again; names that are
/// taken can be said again, and the parser of whole parts reads it the same.
@Sendable func fuzzHeaders(_ value: Span<UInt8>) {
  fuzzContentType(value)
  if let disposition = try? ContentDisposition(value), let name = disposition.nameBytes {
    fuzzDisposition(value, name, filename: disposition.filenameBytes)
  }
}

private func fuzzContentType(_ value: Span<UInt8>) {
  let mediaType = try? MediaType(value)
  if let mediaType {
    expect(mediaType.type.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !isUpper($0) })
    expect(mediaType.subtype.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !isUpper($0) })
  }
  guard let boundary = try? Boundary(contentType: value) else { return }
  // The value need not be a valid one: boundaries are taken as real senders write them.
  if let mediaType {
    expect(mediaType.type == "multipart" && mediaType.subtype == "form-data")
  }
  let again =
    Array("multipart/form-data; boundary=\"".utf8) + boundary.bytes.flatMap(escaped) + [0x22]
  expect((try? Boundary(contentType: again.span)) == boundary, "a boundary got lost")
}

private func fuzzDisposition(_ value: Span<UInt8>, _ name: [UInt8], filename: [UInt8]?) {
  // A percent sign that is meant has no escape.
  if !name.contains(UInt8(ascii: "%")) {
    let again = Array("form-data; name=\"".utf8) + name.flatMap(escaped) + [0x22]
    let read = try? ContentDisposition(again.span)
    expect(read?.nameBytes == name && read?.filenameBytes == nil, "a name got lost")
  }
  if let filename, !filename.contains(UInt8(ascii: "%")) {
    let again = Array("form-data; filename=\"".utf8) + filename.flatMap(escaped) + [0x22]
    expect((try? ContentDisposition(again.span))?.filenameBytes == filename, "a name got lost")
  }
  guard let boundary = try? Boundary([0x62].span) else { fatalError("b is a boundary") }
  var parser = MultipartParser(
    boundary: boundary,
    limits: MultipartLimits(maxParts: 1, maxHeaderBytes: value.count + 100, maxHeaderLines: 1))
  var names = Names()
  let message = Array("--b\r\nContent-Disposition:".utf8) + Array(copying: value)
  do {
    try parser.parse((message + Array("\r\n\r\n\r\n--b--".utf8)).span, into: &names)
  } catch {
    fatalError("a value that is right is refused in a part: \(error)")
  }
  expect(names.found.map(\.nameBytes) == [name])
  expect(names.found.map(\.filenameBytes) == [filename])
}

private func isUpper(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte }

private func escaped(_ byte: UInt8) -> [UInt8] {
  switch byte {
  case 0x0D: Array("%0D".utf8)
  case 0x0A: Array("%0A".utf8)
  case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
  default: [byte]
  }
}

private struct Names: MultipartHandler {
  var found: [PartHeaders] = []
  mutating func partBegan(_ headers: PartHeaders) throws(Never) { found.append(headers) }
  func bodyReceived(_ bytes: Span<UInt8>) throws(Never) {}
}
