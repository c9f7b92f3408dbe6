// How much work the parser does, for tests of its linearity.

/// Counts bytes that are looked at. It counts nothing and takes no room in a release build.
struct StepCount: Sendable {
  #if DEBUG
    private(set) var value = 0

    mutating func add(_ count: Int) { value += count }
  #else
    @inline(__always)
    func add(_ count: Int) {}
  #endif
}
