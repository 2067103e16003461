// What kernel.rs calls. In C++, because Rust without optimisation, as tests are built, makes a call of each
// instruction.

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

// Other processors have no such instructions, and nothing of this is called on them.
extern "C" {
void heartstrings_multiply_tile(const void *) {}
float heartstrings_scale(const float *, std::size_t, float, int16_t *) { return 0; }
}

#endif
