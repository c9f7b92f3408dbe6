// The header of libpq.
#include <libpq-fe.h>
