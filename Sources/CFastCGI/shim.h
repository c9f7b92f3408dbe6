// The header of libfcgi that we use: the thread-safe FCGX_* interface.
#include <fcgiapp.h>
