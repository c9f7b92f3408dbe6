// The form's text fields.

// How the fields are judged is nobody's business outside the module.
@testable internal import Sessions

/// A field is judged the same however it is cut, and as a plain reading of its grammar says.
@Sendable func fuzzFields(_ input: Span<UInt8>) {
  let durations = cuttings(of: input).map { pieces in
    var field = DurationField()
    for piece in pieces { field.append(input.extracting(piece)) }
    return field.seconds
  }
  expectEqual(durations, "the duration depends on the cuts")
  expect(durations[0] == expectedSeconds(input), "\(String(describing: durations[0]))")

  let blanks = [UInt8](" \t\r\n".utf8)
  let text = String(validating: Array(copying: input), as: UTF8.self)
  let languages = judged(
    input, LanguageField.init, { $0.append($1) }, { (field) throws(Refusal) in try field.parse() })
  let trimmed = Array(copying: input).drop { blanks.contains($0) }
  let tag = String(
    decoding: trimmed.reversed().drop { blanks.contains($0) }.reversed(), as: UTF8.self)
  let isTag =
    tag.utf8.count <= 35 && tag.wholeMatch(of: /[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*/) != nil
  let expected = String(tag.map { $0 == "_" ? "-" : $0 })
  expect(languages == (isTag ? .taken(expected) : tag.isEmpty ? .taken(nil) : .refused))

  let topics = judged(
    input, TopicField.init, { $0.append($1) }, { (field) throws(Refusal) in try field.parse() })
  let folded = text.map { text in
    var topic = String.UnicodeScalarView()
    var endsInFold = false
    for scalar in text.unicodeScalars {
      let folds = ["\t", "\n", "\r"].contains(scalar)
      if !folds { topic.append(scalar) } else if !endsInFold { topic.append(" ") }
      endsInFold = folds
    }
    return topic
  }
  let isTopic =
    folded?.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ?? false
    && folded?.count ?? 0 <= 500
  expect(
    topics
      == (!isTopic ? .refused : input.isEmpty ? .taken(nil) : .taken(folded.map { String($0) })))
}

private enum Judgement: Equatable {
  case taken(String?)
  case refused
}

private func judged<Field>(
  _ input: Span<UInt8>, _ make: () -> Field, _ append: (inout Field, Span<UInt8>) -> Void,
  _ parse: (Field) throws(Refusal) -> String?
) -> Judgement {
  let judgements = cuttings(of: input).map { pieces in
    var field = make()
    for piece in pieces { append(&field, input.extracting(piece)) }
    do { return Judgement.taken(try parse(field)) } catch { return .refused }
  }
  expectEqual(judgements, "the judgement depends on the cuts")
  return judgements[0]
}

/// `digits [ "." digits ]` with a digit somewhere, from 0 to 86400, rounded half up.
private func expectedSeconds(_ input: Span<UInt8>) -> Int? {
  let parts = Array(copying: input).split(
    separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  guard parts.joined().allSatisfy(digits.contains), parts.contains(where: { !$0.isEmpty }) else {
    return nil
  }
  let significant = parts[0].drop { $0 == digits.lowerBound }
  guard significant.count <= 5 else { return nil }
  let whole = Int(String(decoding: significant, as: UTF8.self)) ?? 0
  let fraction = parts.count > 1 ? parts[1] : []
  let isMore = fraction.contains { $0 != digits.lowerBound }
  guard whole < 86_400 || (whole == 86_400 && !isMore) else { return nil }
  return whole + ((fraction.first ?? 0) >= UInt8(ascii: "5") ? 1 : 0)
}
