// The functions that kernel.rs calls. They are in C++, because unoptimised Rust, as in tests, compiles each
// intrinsic to a function call.

#ifdef __AVX2__
#include "tile.hpp"

extern "C" {

void heartstrings_multiply_tile(const heartstrings::Tile *all) { heartstrings::multiply(*all); }

float heartstrings_scale(const float *numbers, std::size_t count, float longest, int16_t *integers) {
    return heartstrings::scale(numbers, count, longest, integers);
}

}

#else
#include <cstddef>
#include <cstdint>

// Other processors have no such instructions; these functions are not called there.
extern "C" {
void heartstrings_multiply_tile(const void *) {}
float heartstrings_scale(const float *, std::size_t, float, int16_t *) { return 0; }
}

#endif
