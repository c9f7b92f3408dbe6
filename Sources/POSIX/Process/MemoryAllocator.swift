// How malloc keeps memory that was given back.

internal import CPOSIX

package enum MemoryAllocator {
  /// Keeps malloc from giving each thread an arena of its own, which keeps its own free memory:
  /// with dozens of workers that is most of what the process holds. Call it before the first
  /// thread is started. The corresponding C function is `mallopt` (`M_ARENA_MAX`).
  package static func limitArenas() { _ = cposix_limit_malloc_arenas(2) }
}
