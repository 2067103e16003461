// Attention of one head within one window, called by attention.rs.

#ifdef __AVX2__
#include "tile.hpp"

#include <cstring>

namespace heartstrings {
namespace {

// Length of a head's vectors.
constexpr std::size_t SIZE = 32;
// Queries of a tile.
constexpr std::size_t TILE = 6;
// Length to which queries and keys are scaled, as vectors: no dot product of two exceeds 31 bits.
constexpr float LONGEST = 45000;
// Largest value, and the largest sum of values times attention weights: a little less than 31 bits, since rounding may
// make the attention weights a little larger than they were scaled to.
constexpr float MOST_VALUE = 16383, MOST_SUM = 2.0e9f;
constexpr float LOG2_OF_E = 1.44269504f;

// As in attention.rs.
struct Head {
    std::size_t tokens, given_stride, taken_stride;
    const float *query, *key, *value;
    float *taken, *scratch;
};

constexpr std::size_t padded(std::size_t tokens) { return (tokens + BLOCK - 1) / BLOCK * BLOCK; }

// Memory for one head: first the fp32 numbers, then the integers.
struct Scratch {
    float *key_scales, *hidden, *scores, *value_scales, *zeros;
    int16_t *keys, *values, *shares;

    Scratch(float *memory, std::size_t count) {
        key_scales = memory;
        hidden = key_scales + count;
        scores = hidden + count;
        value_scales = scores + TILE * count;
        zeros = value_scales + SIZE;
        keys = reinterpret_cast<int16_t *>(zeros + SIZE);
        values = keys + SIZE * count;
        shares = values + SIZE * count;
    }

    // Size of all of it in fp32 numbers.
    static std::size_t size(std::size_t count) { return (2 + TILE + SIZE + TILE / 2) * count + 2 * SIZE; }
};

// Packs the keys into blocks of sixteen, the layout of a tile's weight: the first pair of numbers of each key, then
// the second. Returns whether all are finite.
inline bool pack_keys(const Head &head, int16_t *packed, float *scales) {
    const std::size_t tokens = head.tokens;
    bool are_finite = true;
    for (std::size_t first = 0; first < tokens; first += BLOCK) {
        alignas(32) int16_t keys[BLOCK][SIZE] = {};
        for (std::size_t at = 0; at < BLOCK; at++) {
            const std::size_t token = first + at;
            scales[token] = token < tokens ? scale(head.key + token * head.given_stride, SIZE, LONGEST, keys[at]) : 0;
            are_finite = are_finite && std::isfinite(scales[token]);
        }
        int16_t *place = packed + first * SIZE;
        for (std::size_t pair = 0; pair < SIZE; pair += 2)
            for (std::size_t at = 0; at < BLOCK; at++, place += 2) std::memcpy(place, &keys[at][pair], 4);
    }
    return are_finite;
}

// Packs the values into the layout of a weight whose inputs are the tokens: the first sixteen dimensions, in pairs of
// tokens, then the other sixteen. Returns whether all are finite.
inline bool pack_values(const Head &head, int16_t *packed, float *scales) {
    const std::size_t tokens = head.tokens, inputs = padded(tokens);
    const __m256 no_sign = _mm256_castsi256_ps(_mm256_set1_epi32(INT32_MAX));
    bool are_finite = true;
    for (std::size_t block = 0; block < SIZE; block += BLOCK) {
        __m256 most[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        __m256 sums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        for (std::size_t token = 0; token < tokens; token++)
            for (int half = 0; half < 2; half++) {
                const __m256 eight = _mm256_and_ps(
                    no_sign, _mm256_loadu_ps(head.value + token * head.given_stride + block + 8 * half));
                most[half] = _mm256_max_ps(most[half], eight);
                sums[half] = _mm256_add_ps(sums[half], eight);
            }
        __m256 factors[2];
        for (int half = 0; half < 2; half++) {
            alignas(32) float mosts[8], all[8], multipliers[8];
            _mm256_store_ps(mosts, most[half]);
            _mm256_store_ps(all, sums[half]);
            for (int at = 0; at < 8; at++) {
                const float factor = MOST_VALUE / mosts[at];
                multipliers[at] = std::isfinite(factor) ? factor : 0;
                scales[block + 8 * half + at] = multipliers[at] > 0 ? 1 / multipliers[at] : 0;
                are_finite = are_finite && std::isfinite(all[at]);
            }
            factors[half] = _mm256_load_ps(multipliers);
        }
        const auto integers = [&](std::size_t token) {
            if (token >= tokens) return _mm256_setzero_si256();
            const float *const numbers = head.value + token * head.given_stride + block;
            const __m256i first = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers), factors[0]));
            const __m256i second = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(numbers + 8), factors[1]));
            // This leaves the quarters out of order; interleaving the pairs below undoes that.
            return _mm256_packs_epi32(first, second);
        };
        auto *place = reinterpret_cast<__m256i *>(packed + block * inputs);
        for (std::size_t token = 0; token < inputs; token += 2) {
            // Numbers 0-3, 8-11 | 4-7, 12-15 of each: pairs of 0-3 | 4-7, and of 8-11 | 12-15.
            const __m256i one = integers(token), other = integers(token + 1);
            _mm256_storeu_si256(place++, _mm256_unpacklo_epi16(one, other));
            _mm256_storeu_si256(place++, _mm256_unpackhi_epi16(one, other));
        }
    }
    return are_finite;
}

// 2 to the power of x, for x ≤ 0, to 3 parts in a million. A result below the smallest normal
// number becomes about that number.
inline __m256 exp2_of_negative(__m256 x) {
    x = _mm256_max_ps(x, _mm256_set1_ps(-126.0f));
    const __m256 whole = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m256 rest = _mm256_sub_ps(x, whole);
    __m256 sum = _mm256_set1_ps(1.3333558e-3f);
    for (const float factor : {9.6181291e-3f, 5.5504109e-2f, 2.4022651e-1f, 6.9314718e-1f, 1.0f})
        sum = _mm256_fmadd_ps(sum, rest, _mm256_set1_ps(factor));
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(whole), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(sum), exponent));
}

inline float sum_of(__m256 eight) {
    alignas(32) float all[8];
    _mm256_store_ps(all, eight);
    return ((all[0] + all[1]) + (all[2] + all[3])) + ((all[4] + all[5]) + (all[6] + all[7]));
}

// The softmax of one query's scores, which are logarithms to base 2, as integers. Returns the value of an
// integer 1.
inline float shares(float *scores, std::size_t count, int16_t *integers) {
    __m256 most = _mm256_loadu_ps(scores);
    for (std::size_t at = 8; at < count; at += 8) most = _mm256_max_ps(most, _mm256_loadu_ps(scores + at));
    most = _mm256_max_ps(most, _mm256_permute2f128_ps(most, most, 1));
    most = _mm256_max_ps(most, _mm256_shuffle_ps(most, most, 0x4e));
    most = _mm256_max_ps(most, _mm256_shuffle_ps(most, most, 0xb1));
    __m256 sums = _mm256_setzero_ps();
    for (std::size_t at = 0; at < count; at += 8) {
        const __m256 share = exp2_of_negative(_mm256_sub_ps(_mm256_loadu_ps(scores + at), most));
        _mm256_storeu_ps(scores + at, share);
        sums = _mm256_add_ps(sums, share);
    }
    const float sum = sum_of(sums);
    const float factor = std::min(MOST, MOST_SUM / MOST_VALUE / sum);
    round(scores, count, factor, integers);
    return 1 / (factor * sum);
}

void attend(const Head &head) {
    const std::size_t tokens = head.tokens, count = padded(tokens);
    const Scratch scratch(head.scratch, count);
    const bool keys_are_finite = pack_keys(head, scratch.keys, scratch.key_scales);
    const bool are_finite = pack_values(head, scratch.values, scratch.value_scales) && keys_are_finite;
    // Positions after the last token get no attention.
    std::fill(scratch.hidden, scratch.hidden + tokens, 0.0f);
    std::fill(scratch.hidden + tokens, scratch.hidden + count, -std::numeric_limits<float>::infinity());
    std::fill(scratch.zeros, scratch.zeros + SIZE, 0.0f);
    const float in_base_2 = LOG2_OF_E / std::sqrt(static_cast<float>(SIZE));
    for (std::size_t first = 0; first < tokens;) {
        // Tiles have about the same height, because a low one takes nearly as long as a high one.
        const std::size_t left = tokens - first, tiles = (left + TILE - 1) / TILE, rows = (left + tiles - 1) / tiles;
        alignas(32) int16_t queries[TILE * SIZE];
        float row_scales[TILE], query_scales[TILE];
        for (std::size_t row = 0; row < rows; row++) {
            query_scales[row] = scale(head.query + (first + row) * head.given_stride, SIZE, LONGEST, queries + row * SIZE);
            row_scales[row] = query_scales[row] * in_base_2;
        }
        Tile tile{rows, SIZE, count, queries, row_scales, scratch.keys, nullptr, scratch.key_scales, scratch.hidden,
                  nullptr, scratch.scores, false, 1};
        for (std::size_t block = 0; block < count; block += BLOCK) {
            multiply(tile);
            tile.weight += BLOCK * SIZE;
            tile.output_scales += BLOCK;
            tile.bias += BLOCK;
            tile.output += BLOCK;
        }
        for (std::size_t row = 0; row < rows; row++) {
            row_scales[row] = shares(scratch.scores + row * count, count, scratch.shares + row * count);
            if (!are_finite || !std::isfinite(query_scales[row]))
                row_scales[row] = std::numeric_limits<float>::quiet_NaN();
        }
        tile = Tile{rows, count, head.taken_stride, scratch.shares, row_scales, scratch.values, nullptr,
                    scratch.value_scales, scratch.zeros, nullptr, head.taken + first * head.taken_stride, false, 1};
        for (std::size_t block = 0; block < SIZE; block += BLOCK) {
            multiply(tile);
            tile.weight += BLOCK * count;
            tile.output_scales += BLOCK;
            tile.output += BLOCK;
        }
        first += rows;
    }
}

} // namespace
} // namespace heartstrings

extern "C" {

void heartstrings_attend(const heartstrings::Head *head) { heartstrings::attend(*head); }

std::size_t heartstrings_attention_scratch(std::size_t tokens) {
    return heartstrings::Scratch::size(heartstrings::padded(tokens));
}

}

#else
#include <cstddef>

// Other processors have no such instructions; these functions are not called there.
extern "C" {
void heartstrings_attend(const void *) {}
std::size_t heartstrings_attention_scratch(std::size_t) { return 0; }
}

#endif
