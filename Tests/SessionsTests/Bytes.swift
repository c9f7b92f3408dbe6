// Texts as the bytes that come over the wire.

import Gateway

@testable import Sessions

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Meta-variables from names and values, as a web server passes them.
func variables(_ pairs: [(String, String)]) -> MetaVariables {
  var variables = MetaVariables()
  for (name, value) in pairs { variables.set(bytes(name).span, to: bytes(value).span) }
  return variables
}

/// Those of these texts that are origins.
func origins(_ texts: String...) -> Set<Origin> { Set(texts.compactMap { Origin($0.utf8) }) }

/// What `work` refuses with; nil when it does not.
func refusal<Value: ~Copyable>(_ work: () throws(Refusal) -> Value) -> Refusal? {
  do {
    _ = try work()
    return nil
  } catch {
    return error
  }
}
