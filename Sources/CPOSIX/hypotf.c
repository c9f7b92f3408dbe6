// glibc's hypotf has a new version since 2.35. Nothing here calls it, but Swift's runtime names it,
// and that alone would keep the program from systems with glibc 2.34.
#include <math.h>

float hypotf(float x, float y) {
  if (isinf(x) || isinf(y)) return INFINITY;
  // In double precision neither square overflows.
  return (float)sqrt((double)x * x + (double)y * y);
}
