// What stops the process, so that libFuzzer keeps the input.

/// Stops the process unless `condition` holds. `precondition` would drop the message here.
func expect(
  _ condition: Bool, _ message: @autoclosure () -> String = "an invariant does not hold",
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// Stops the process unless all of `results` are the same.
func expectEqual<Result: Equatable>(_ results: [Result], _ message: String) {
  for result in results.dropFirst() {
    expect(result == results[0], "\(message): \(results[0]) and \(result)")
  }
}
