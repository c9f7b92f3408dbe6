// The environment as the bytes that it is.

internal import Glibc

/// Calls `body` with the name and the value of each environment variable, in their order.
///
/// Names can repeat, and nothing says that they or the values are UTF-8. The bytes are valid only
/// during the call, in which nobody may change the environment.
/// The corresponding C variable is `environ`.
package func forEachEnvironmentVariable(
  _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void
) {
  var next = unsafe environ
  while let variable = unsafe next.pointee {
    let text = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(variable).assumingMemoryBound(to: UInt8.self),
      count: strlen(variable))
    // An entry without "=" is no variable (environ(7)).
    if let separator = unsafe text.firstIndex(of: UInt8(ascii: "=")) {
      let span = unsafe text.span
      body(span.extracting(..<separator), span.extracting((separator + 1)...))
    }
    unsafe next += 1
  }
}

/// The values by their names, but for names that are not UTF-8. Of variables that repeat it is the
/// first, as for `getenv`.
package func environmentVariables() -> [String: [UInt8]] {
  var variables: [String: [UInt8]] = [:]
  forEachEnvironmentVariable { name, value in
    let name = unsafe name.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
    guard let name, variables[name] == nil else { return }
    variables[name] = unsafe value.withUnsafeBufferPointer { unsafe Array($0) }
  }
  return variables
}
