// Runs the benchmarks named on the command line: `swift run -c release benchmarks multipart`.

let benchmarks: [(name: String, run: () -> Void)] = [
  ("multipart", multipartBenchmark)
]

let names = CommandLine.arguments.dropFirst()
let chosen = benchmarks.filter { names.contains($0.name) }
if chosen.isEmpty || chosen.count < names.count {
  print("usage: benchmarks <name>...; known: \(benchmarks.map(\.name).joined(separator: ", "))")
} else {
  for benchmark in chosen { benchmark.run() }
}
