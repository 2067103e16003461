// What kernel.rs calls. In C++, because Rust without optimisation, as tests are built, makes a call of each
// instruction.

#ifdef __AVX2__
#include "tile.hpp"

extern "C" {

void heartstrings_multiply_tile(const heartstrings::Tile *all) { heartstrings::multiply(*all); }

void heartstrings_extent(const float *numbers, std::size_t count, float *most, float *square) {
    heartstrings::extent(numbers, count, most, square);
}

void heartstrings_round(const float *numbers, std::size_t count, float factor, int16_t *integers) {
    heartstrings::round(numbers, count, factor, integers);
}

}

#else
#include <cstddef>
#include <cstdint>

// Other processors have no such instructions, and nothing of this is called on them.
extern "C" {
void heartstrings_multiply_tile(const void *) {}
void heartstrings_extent(const float *, std::size_t, float *, float *) {}
void heartstrings_round(const float *, std::size_t, float, int16_t *) {}
}

#endif
