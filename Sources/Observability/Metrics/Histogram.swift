// Durations, counted in buckets.

/// A Prometheus histogram of durations.
package final class Histogram: Sendable {
  /// The buckets' upper bounds: from a list out of memory to an upload over a slow line.
  private static let bounds: [(text: StaticString, duration: Duration)] = [
    ("0.001", .milliseconds(1)), ("0.0025", .microseconds(2500)), ("0.005", .milliseconds(5)),
    ("0.01", .milliseconds(10)), ("0.025", .milliseconds(25)), ("0.05", .milliseconds(50)),
    ("0.1", .milliseconds(100)), ("0.25", .milliseconds(250)), ("0.5", .milliseconds(500)),
    ("1", .seconds(1)), ("2.5", .milliseconds(2500)), ("5", .seconds(5)), ("10", .seconds(10)),
    ("30", .seconds(30)), ("60", .seconds(60)), ("300", .seconds(300)),
  ]

  /// One for each bucket, the last for what is above every bound.
  private let counts = (0...bounds.count).map { _ in Counter() }
  private let microseconds = Counter()

  package init() {}

  package var count: Int { counts.reduce(0) { $0 + $1.value } }

  package func record(_ duration: Duration) {
    let place = Histogram.bounds.firstIndex { duration <= $0.duration } ?? Histogram.bounds.count
    counts[place].add()
    let (seconds, attoseconds) = duration.components
    microseconds.add(Int(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
  }

  /// The series of the histogram whose family is `name`, in seconds.
  package func write(
    to text: inout MetricsText, _ name: StaticString, _ labels: [MetricsText.Label] = []
  ) {
    var total = 0
    for (bound, count) in zip(Histogram.bounds, counts) {
      total += count.value
      text.sample(name, "_bucket", labels + [("le", bound.text.description)], total)
    }
    total += counts[Histogram.bounds.count].value
    text.sample(name, "_bucket", labels + [("le", "+Inf")], total)
    text.sample(name, "_sum", labels, Double(microseconds.value) / 1_000_000)
    text.sample(name, "_count", labels, total)
  }
}
