// Runs the benchmarks named on the command line, or all.

let benchmarks: [(name: String, run: () throws -> Void)] = [
  ("multipart", multipartBenchmark), ("list", listBenchmark), ("upload", uploadBenchmark),
]

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "works" {
  for work in countedWork { print(work.name) }
} else if arguments.first == "count", arguments.count == 2, let name = arguments.last {
  try count(name)
} else if arguments.first == "parse", arguments.count > 1 {
  try parseFiles(arguments.dropFirst())
} else {
  let chosen = benchmarks.filter { arguments.isEmpty || arguments.contains($0.name) }
  if chosen.count < arguments.count {
    let known = benchmarks.map(\.name).joined(separator: ", ")
    print("usage: benchmarks [<name>...] | works | count <work> | parse <file>...; known: \(known)")
  } else {
    for benchmark in chosen { try benchmark.run() }
  }
}
