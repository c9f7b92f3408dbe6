// The metrics' text, checked against the format's grammar.

import Testing

@testable import Observability

@Suite struct MetricsTests {
  @Test func samplesFollowTheirFamily() {
    var text = MetricsText()
    text.family("requests_total", .counter, "Requests answered.")
    text.sample("requests_total", "", [("route", "list"), ("status", "200")], 3)
    text.single("memory_bytes", .gauge, "Memory.", 1.5)
    #expect(
      String(decoding: text.bytes, as: UTF8.self) == """
        # HELP requests_total Requests answered.
        # TYPE requests_total counter
        requests_total{route="list",status="200"} 3
        # HELP memory_bytes Memory.
        # TYPE memory_bytes gauge
        memory_bytes 1.5

        """)
  }

  @Test func labelValuesAreEscaped() {
    var text = MetricsText()
    text.sample("x", "", [("kind", "a\"b\\c\nd")], 1)
    #expect(String(decoding: text.bytes, as: UTF8.self) == #"x{kind="a\"b\\c\nd"} 1"# + "\n")
  }

  @Test func histogramIsCumulativeAndCountsEverything() throws {
    let histogram = Histogram()
    for duration: Duration in [
      .microseconds(10), .milliseconds(1), .milliseconds(3), .seconds(999),
    ] {
      histogram.record(duration)
    }
    var text = MetricsText()
    histogram.write(to: &text, "d", [("route", "list")])
    let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.contains(#"d_bucket{route="list",le="0.001"} 2"#))
    #expect(lines.contains(#"d_bucket{route="list",le="0.0025"} 2"#))
    #expect(lines.contains(#"d_bucket{route="list",le="0.005"} 3"#))
    #expect(lines.contains(#"d_bucket{route="list",le="300"} 3"#))
    #expect(lines.contains(#"d_bucket{route="list",le="+Inf"} 4"#))
    #expect(lines.contains(#"d_count{route="list"} 4"#))
    #expect(lines.contains(#"d_sum{route="list"} 999.00401"#))
  }

  @Test func processTellsOfItself() throws {
    var text = MetricsText()
    ProcessMetrics.write(to: &text)
    let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n")
    func value(_ name: String) throws -> Double {
      let line = try #require(lines.first { $0.hasPrefix(name + " ") })
      return try #require(Double(line.dropFirst(name.count + 1)))
    }
    #expect(try value("process_resident_memory_bytes") > 1_000_000)
    #expect(try value("process_resident_memory_bytes") < 10_000_000_000)
    #expect(try value("process_open_fds") >= 3)
    #expect(try value("process_max_fds") >= value("process_open_fds"))
    #expect(try value("process_start_time_seconds") > 1_600_000_000)
    #expect(try value("process_cpu_seconds_total") >= 0)
    #expect(try value("process_threads") >= 1)
  }
}
