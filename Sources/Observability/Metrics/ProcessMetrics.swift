// Metrics of this process, as the system reports them.

internal import Glibc
internal import POSIX

package enum ProcessMetrics {
  /// The families that Prometheus' own libraries have, by the same names. What the system does
  /// not say is left out.
  package static func write(to text: inout MetricsText) {
    let status = statusFields()
    if status.count > residentField, let pages = Int(status[residentField]) {
      text.single(
        "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.",
        pages * Int(getpagesize()))
    }
    if status.count > startField, let ticks = Double(status[startField]), let boot = bootTime() {
      text.single(
        "process_start_time_seconds", .gauge, "Start time of the process, in seconds since 1970.",
        boot + ticks / ticksPerSecond)
    }
    if status.count > systemTimeField, let user = Double(status[userTimeField]),
      let system = Double(status[systemTimeField])
    {
      text.single(
        "process_cpu_seconds_total", .counter, "User and system CPU time in seconds.",
        (user + system) / ticksPerSecond)
    }
    if status.count > threadsField, let threads = Int(status[threadsField]) {
      text.single("process_threads", .gauge, "Number of threads.", threads)
    }
    if let count = openDescriptors() {
      text.single("process_open_fds", .gauge, "Number of open file descriptors.", count)
    }
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      text.single(
        "process_max_fds", .gauge, "Maximum number of open file descriptors.",
        Int(clamping: limit.rlim_cur))
    }
  }

  private static let ticksPerSecond = Double(sysconf(CInt(_SC_CLK_TCK)))

  // Places in /proc/self/stat after the command's name (proc_pid_stat(5), less 3).
  private static let userTimeField = 11
  private static let systemTimeField = 12
  private static let threadsField = 17
  private static let startField = 19
  private static let residentField = 21

  private static func statusFields() -> [Substring] {
    // The name is in parentheses and may hold anything, parentheses too.
    let text = content(of: "/proc/self/stat")
    guard let end = text.lastIndex(of: ")") else { return [] }
    return text[end...].dropFirst().split(separator: " ")
  }

  /// Seconds since 1970.
  private static func bootTime() -> Double? {
    let line = content(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst("btime ".count)) }
  }

  private static func openDescriptors() -> Int? {
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // Less the two links every directory has, and the descriptor that reads it.
    return count - 3
  }

  private static func content(of path: String) -> String {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return "" }
    let file = OwnedDescriptor(owning: number)
    var content: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe room.withUnsafeMutableBytes { (try? unsafe file.read(into: $0)) ?? 0 }
      if count == 0 { return String(decoding: content, as: UTF8.self) }
      content += room[..<count]
    }
  }
}
