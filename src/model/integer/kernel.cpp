// The instructions of AVX2 that kernel.rs calls. In C++, because Rust without optimisation, as tests are
// built, makes a call of each instruction.

#include <cstddef>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>

namespace {

constexpr int BLOCK = 16;

// As in kernel.rs.
struct Tile {
    std::size_t rows, inputs, outputs;
    const int16_t *input;
    const float *row_scales;
    const int16_t *weight;
    const float *output_scales, *bias;
    float *output;
};

template <int ROWS>
void multiply(const Tile &all) {
    __m256i sums[ROWS][2];
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) sums[row][0] = sums[row][1] = _mm256_setzero_si256();
    const std::size_t inputs = all.inputs;
    const int16_t *input = all.input, *weight = all.weight;
    for (std::size_t pair = 0; pair < inputs / 2; pair++, input += 2, weight += 2 * BLOCK) {
        const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weight));
        const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weight + BLOCK));
#pragma GCC unroll 6
        for (int row = 0; row < ROWS; row++) {
            int32_t two;
            __builtin_memcpy(&two, input + row * inputs, sizeof two);
            __m256i twos = _mm256_set1_epi32(two);
            // Row by row, or the compiler loads all of them first and has no registers left for sums,
            // which takes twice as long.
            asm volatile("" : "+x"(twos));
            sums[row][0] = _mm256_add_epi32(sums[row][0], _mm256_madd_epi16(twos, first));
            sums[row][1] = _mm256_add_epi32(sums[row][1], _mm256_madd_epi16(twos, second));
            asm volatile("" : "+x"(sums[row][0]), "+x"(sums[row][1]));
        }
    }
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) {
        const __m256 row_scale = _mm256_set1_ps(all.row_scales[row]);
        for (int half = 0; half < 2; half++) {
            const __m256 scale = _mm256_mul_ps(row_scale, _mm256_loadu_ps(all.output_scales + 8 * half));
            const __m256 bias = _mm256_loadu_ps(all.bias + 8 * half);
            const __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[row][half]), scale, bias);
            _mm256_storeu_ps(all.output + row * all.outputs + 8 * half, value);
        }
    }
}

} // namespace

extern "C" {

// Up to six rows by sixteen outputs; every pointer is to the first of them.
void heartstrings_multiply_tile(const Tile *all) {
    switch (all->rows) {
    case 1: return multiply<1>(*all);
    case 2: return multiply<2>(*all);
    case 3: return multiply<3>(*all);
    case 4: return multiply<4>(*all);
    case 5: return multiply<5>(*all);
    default: return multiply<6>(*all);
    }
}

// The largest of `count` numbers (a multiple of 16), whatever its sign, and the sum of the squares, which
// is not finite if one of the numbers is not.
void heartstrings_extent(const float *numbers, std::size_t count, float *most, float *square) {
    const __m256 no_sign = _mm256_castsi256_ps(_mm256_set1_epi32(INT32_MAX));
    __m256 mosts[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    __m256 squares[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    for (std::size_t at = 0; at < count; at += 16)
        for (int half = 0; half < 2; half++) {
            const __m256 eight = _mm256_loadu_ps(numbers + at + 8 * half);
            mosts[half] = _mm256_max_ps(mosts[half], _mm256_and_ps(eight, no_sign));
            squares[half] = _mm256_fmadd_ps(eight, eight, squares[half]);
        }
    float all_mosts[8], all_squares[8];
    _mm256_storeu_ps(all_mosts, _mm256_max_ps(mosts[0], mosts[1]));
    _mm256_storeu_ps(all_squares, _mm256_add_ps(squares[0], squares[1]));
    *most = *square = 0;
    for (int place = 0; place < 8; place++) {
        *most = *most < all_mosts[place] ? all_mosts[place] : *most;
        *square += all_squares[place];
    }
}

// `count` numbers (a multiple of 16) times a factor, rounded, as far as 16 bits go.
void heartstrings_round(const float *numbers, std::size_t count, float factor, int16_t *integers) {
    const __m256 factors = _mm256_set1_ps(factor);
    for (std::size_t at = 0; at < count; at += 16) {
        const __m256i first =
            _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers + at), factors));
        const __m256i second =
            _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers + at + 8), factors));
        // Packing goes by halves of a register; the order of quarters is put right after it.
        const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xd8);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(integers + at), packed);
    }
}

}

#else

// Other processors have no such instructions, and nothing of this is called on them.
extern "C" {
void heartstrings_multiply_tile(const void *) {}
void heartstrings_extent(const float *, std::size_t, float *, float *) {}
void heartstrings_round(const float *, std::size_t, float, int16_t *) {}
}

#endif
