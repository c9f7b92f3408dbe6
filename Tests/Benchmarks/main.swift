// Runs the benchmarks named on the command line, or all.

let benchmarks: [(name: String, run: () throws -> Void)] = [
  ("multipart", multipartBenchmark), ("list", listBenchmark), ("upload", uploadBenchmark),
]

let names = CommandLine.arguments.dropFirst()
let chosen = benchmarks.filter { names.isEmpty || names.contains($0.name) }
if chosen.count < names.count {
  print("usage: benchmarks [<name>...]; known: \(benchmarks.map(\.name).joined(separator: ", "))")
} else {
  for benchmark in chosen { try benchmark.run() }
}
