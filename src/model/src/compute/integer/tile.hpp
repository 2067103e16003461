// A tile of an integer multiplication and its epilogue, in AVX2 instructions. The C++ files of this
// folder share it.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <immintrin.h>
#include <initializer_list>
#include <limits>

namespace heartstrings {


constexpr int BLOCK = 16;
// Largest absolute value of an integer.
constexpr float MOST = 32767;

// The same layout as `Multiplication` in kernel.rs.
struct Tile {
    std::size_t rows, inputs, outputs;
    const int16_t *input;
    const float *row_scales;
    const int16_t *weight, *next_weight;
    const float *output_scales, *bias, *add;
    float *output;
    bool gelu;
    // Steps for each cache line of the next weight that is prefetched: 1, 2, 4 or 8.
    std::size_t fetch_every;
};

// GELU: x times the probability that a standard normal variable is below x. The error function is Abramowitz and
// Stegun's 7.1.28, whose error is at most 3e-7; in fp32 it changes the result by less than one millionth.
inline __m256 gelu(__m256 x) {
    const __m256 sign = _mm256_set1_ps(-0.0f), one = _mm256_set1_ps(1.0f);
    const __m256 z = _mm256_mul_ps(_mm256_andnot_ps(sign, x), _mm256_set1_ps(0.70710678f));
    __m256 sum = _mm256_set1_ps(0.0000430638f);
    for (const float factor : {0.0002765672f, 0.0001520143f, 0.0092705272f, 0.0422820123f, 0.0705230784f, 1.0f})
        sum = _mm256_fmadd_ps(sum, z, _mm256_set1_ps(factor));
    for (int times = 0; times < 4; times++) sum = _mm256_mul_ps(sum, sum);
    // 1 - erf(z) for negative x, and 2 minus that for positive x.
    const __m256 tail = _mm256_div_ps(one, sum);
    const __m256 twice = _mm256_blendv_ps(_mm256_sub_ps(_mm256_set1_ps(2.0f), tail), tail, x);
    return _mm256_mul_ps(_mm256_mul_ps(x, _mm256_set1_ps(0.5f)), twice);
}

// Adds the products of two inputs of one row with sixteen outputs to the row's sums. It is in assembly, because the
// compiler otherwise loads the inputs of all rows first and spills the sums, which takes twice
// as long, or copies each sum back and forth.
inline void add_pair(const int16_t *pair, __m256i first, __m256i second, __m256i (&sums)[2]) {
    __m256i product, twos;
    asm("vpbroadcastd %[pair], %[twos]\n\t"
        "vpmaddwd %[first], %[twos], %[product]\n\t"
        "vpmaddwd %[second], %[twos], %[twos]\n\t"
        "vpaddd %[product], %[one], %[one]\n\t"
        "vpaddd %[twos], %[other], %[other]"
        : [one] "+x"(sums[0]), [other] "+x"(sums[1]), [product] "=&x"(product), [twos] "=&x"(twos)
        : [pair] "m"(*reinterpret_cast<const int16_t(*)[2]>(pair)), [first] "x"(first), [second] "x"(second));
}

// FETCHES: prefetches some of the next weight while it multiplies. Without prefetching a short text waits
// for weights as long as it multiplies with them.
template <int ROWS, bool FETCHES>
void multiply(const Tile &all) {
    __m256i sums[ROWS][2];
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) sums[row][0] = sums[row][1] = _mm256_setzero_si256();
    const std::size_t inputs = all.inputs;
    const int16_t *input = all.input, *weight = all.weight, *next = all.next_weight;
    const int16_t *const end = input + inputs;
    const std::size_t steps = FETCHES ? all.fetch_every : 4;
    while (input < end) {
        if (FETCHES) {
            _mm_prefetch(reinterpret_cast<const char *>(next), _MM_HINT_T0);
            next += 2 * BLOCK;
        }
        for (std::size_t step = 0; step < steps; step++, input += 2, weight += 2 * BLOCK) {
            const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weight));
            const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(weight + BLOCK));
#pragma GCC unroll 6
            for (int row = 0; row < ROWS; row++)
                add_pair(input + row * inputs, first, second, sums[row]);
        }
    }
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; row++) {
        const __m256 row_scale = _mm256_set1_ps(all.row_scales[row]);
        for (int half = 0; half < 2; half++) {
            const __m256 scale = _mm256_mul_ps(row_scale, _mm256_loadu_ps(all.output_scales + 8 * half));
            const __m256 bias = _mm256_loadu_ps(all.bias + 8 * half);
            const std::size_t place = row * all.outputs + 8 * half;
            __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[row][half]), scale, bias);
            if (all.gelu) value = gelu(value);
            if (all.add) value = _mm256_add_ps(value, _mm256_loadu_ps(all.add + place));
            _mm256_storeu_ps(all.output + place, value);
        }
    }
}

template <int ROWS>
void multiply(const Tile &all) {
    all.next_weight ? multiply<ROWS, true>(all) : multiply<ROWS, false>(all);
}

// Up to six rows by sixteen outputs; every pointer is to the first of them.
inline void multiply(const Tile &all) {
    switch (all.rows) {
    case 1: return multiply<1>(all);
    case 2: return multiply<2>(all);
    case 3: return multiply<3>(all);
    case 4: return multiply<4>(all);
    case 5: return multiply<5>(all);
    default: return multiply<6>(all);
    }
}

// The largest absolute value of `count` numbers (a multiple of 16), and the sum of their squares, which
// is not finite if one of the numbers is not.
inline void extent(const float *numbers, std::size_t count, float *most, float *square) {
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

// `count` numbers (a multiple of 16) times a factor, rounded and saturated to 16 bits.
inline void round(const float *numbers, std::size_t count, float factor, int16_t *integers) {
    const __m256 factors = _mm256_set1_ps(factor);
    for (std::size_t at = 0; at < count; at += 16) {
        const __m256i first =
            _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers + at), factors));
        const __m256i second =
            _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers + at + 8), factors));
        // Packing works within halves of a register; the permutation restores the order of the quarters.
        const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xd8);
        _mm256_storeu_si256(reinterpret_cast<__m256i *>(integers + at), packed);
    }
}

// Scales `count` numbers to 16-bit integers, as large as possible with a vector no longer than `longest`. Returns the
// value of an integer 1: NaN if a number is not finite, and 0 if all are 0.
inline float scale(const float *numbers, std::size_t count, float longest, int16_t *integers) {
    float most, square;
    extent(numbers, count, &most, &square);
    const bool is_finite = std::isfinite(square);
    float factor = std::min(MOST / most, longest / std::sqrt(square));
    if (!is_finite || !std::isfinite(factor)) factor = 0;
    round(numbers, count, factor, integers);
    if (!is_finite) return std::numeric_limits<float>::quiet_NaN();
    return factor > 0 ? 1 / factor : 0;
}

} // namespace heartstrings
