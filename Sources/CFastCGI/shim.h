// The header of libfcgi that we use: the thread-safe FCGX_* interface.
#include <fcgiapp.h>

/// The first members of what a stream keeps in `data` (FCGX_Stream_Data of fcgiapp.c).
struct cfastcgi_stream_data {
  unsigned char *buffer;
  int buffer_bytes;
  unsigned char *allocated;
  /// Where what was read from the connection ends.
  unsigned char *end;
};

/// Whether more was read from the connection than the stream's user has had.
static inline int cfastcgi_has_more(const FCGX_Stream *stream) {
  const struct cfastcgi_stream_data *data = stream->data;
  return stream->rdNext != data->end;
}
