// What a client puts into a request's line and headers.

import Gateway
import HTTPSyntax
internal import R2

// How a request is read is nobody's business outside the module.
@testable internal import Sessions

/// A page that is taken is within its limits and its cursor can be said again; paths, origins and
/// identities that are taken have nothing in them that they may not have.
@Sendable func fuzzQuery(_ input: Span<UInt8>) {
  let text = Array(copying: input)
  if let page = try? Page(Query(text)) { expectSound(page) }
  expect(percentDecoded(text.flatMap(percentEncoded)[...]) == text)

  var variables = MetaVariables()
  set("REQUEST_METHOD", to: Array("GET".utf8), in: &variables)
  for name in ["REQUEST_URI", "REMOTE_USER", "HTTP_RANGE", "REQUEST_ID"] {
    set(name, to: text, in: &variables)
  }
  if let route = try? Route(variables) { expectSound(route) }
  if let identity = try? Identity(variables) {
    expect(identity.externalID.utf8.elementsEqual(text) && 1...255 ~= text.count)
    expect(isPlain(identity.externalID))
  }
  _ = ByteRange(variables.range)
  expect(RequestRecord(variables).id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
  if let key = try? IdempotencyKey.read([text]) { expectSound(key) }
  expectNoOrigin(text, variables)
  expectListedOrigin(text, variables)
}

private func set(_ name: String, to value: [UInt8], in variables: inout MetaVariables) {
  variables.set(Array(name.utf8).span, to: value.span)
}

private func expectSound(_ key: IdempotencyKey) {
  expect(1...255 ~= key.text.utf8.count && key.text.utf8.allSatisfy { 0x21...0x7E ~= $0 })
  let escaped = key.text.utf8.flatMap { byte -> [UInt8] in
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
  }
  expect((try? IdempotencyKey.read([[0x22] + escaped + [0x22]])) == key, "a key got lost")
}

private func expectSound(_ page: Page) {
  expect(page.number >= 1 && 1...100 ~= page.limit && page.offset >= 0)
  if let filter = page.filter { expectSound(filter) }
  guard case .after(let createdAt, let id) = page.cursor else { return }
  expect(Page.Cursor.times.contains(createdAt) && !id.isEmpty && isPlain(id))
  let digits = Array("0123456789abcdef".utf8)
  let hexadecimal = id.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  var again = Array("cursor=\(createdAt)-".utf8) + hexadecimal
  if let filter = page.filter {
    again += Array("-\(filter.mark)".utf8)
    for (name, value) in [
      ("q", filter.search), ("status", filter.status), ("language", filter.language),
    ] {
      again += Array("&\(name)=".utf8) + (value ?? "").utf8.flatMap(percentEncoded)
    }
  }
  expect((try? Page(Query(again)))?.cursor == page.cursor, "a cursor got lost")
}

private func expectSound(_ filter: ListFilter) {
  let values = [filter.search, filter.status, filter.language].compactMap(\.self)
  expect(!values.isEmpty && values.allSatisfy { !$0.isEmpty && isPlain($0) })
  expect((filter.search?.unicodeScalars.count ?? 1) <= 100)
}

private func expectSound(_ route: Route) {
  switch route {
  case .show(let id), .play(let id), .delete(let id):
    expect(!id.isEmpty && !id.utf8.contains(UInt8(ascii: "/")) && isPlain(id))
  case .list, .create, .options: break
  }
}

/// No origin but this host's own passes, however it is spelled.
private func expectNoOrigin(_ text: [UInt8], _ variables: MetaVariables) {
  var variables = variables
  let host = "app.example:8080"
  set("HTTP_HOST", to: Array(host.utf8), in: &variables)
  set("HTTP_ORIGIN", to: text, in: &variables)
  guard (try? CSRFCheck.check(variables, allowedOrigins: [])) != nil else { return }
  let lowered = String(decoding: text, as: UTF8.self).lowercased()
  let isSame = ["http://\(host)", "https://\(host)"].contains {
    $0.utf8.elementsEqual(lowered.utf8)
  }
  // A port with zeros before it is the same number.
  let isPadded = lowered.replacing(/:0+8080$/, with: ":8080").hasSuffix("//\(host)")
  expect(isSame || isPadded, "a foreign origin passes")
}

/// What is taken for a listed origin is no other, and can stand in a header.
private func expectListedOrigin(_ text: [UInt8], _ variables: MetaVariables) {
  var variables = variables
  set("HTTP_ORIGIN", to: text, in: &variables)
  let listed = Set(["https://app.example"].compactMap { Origin($0.utf8) })
  guard let origin = listed.origin(of: variables) else { return }
  expect(origin.utf8.elementsEqual(text) && text.allSatisfy { 0x21...0x7E ~= $0 })
  let lowered = origin.lowercased()
  let isPadded = lowered.wholeMatch(of: /https:\/\/app\.example(:0*443)?/) != nil
  expect(isPadded, "a foreign origin is listed")
}

private func isPlain(_ text: String) -> Bool {
  text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
}

private func percentEncoded(_ byte: UInt8) -> [UInt8] {
  let digits = Array("0123456789ABCDEF".utf8)
  return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}
