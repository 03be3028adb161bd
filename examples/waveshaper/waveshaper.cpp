// A waveshaper: overdrive by an activation function, or by a function of one's own, block by block,
// as an audio thread does it.
//
//     waveshaper tanh 4 in.wav out.wav      # tanh(4 x); also mish, softsign, and tube of tube.h
//     waveshaper mish 4                     # two seconds of a chord, for the timing alone
//
// WAV files of 16 bits. Prints how long a block of 256 samples took, at the most and as a rule.
#include <nonlin/map.h>
#include <nonlin/nonlin.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "tube.h"

namespace {

constexpr std::size_t block = 256;

// 16-bit PCM, of any number of channels: the waveshaper treats all samples alike.
struct Sound {
    std::uint16_t channels = 1;
    std::uint32_t rate = 48000;
    std::vector<float> samples;  // -1 to 1
};

template <class T>
T number_at(const std::vector<char>& bytes, std::size_t place) {
    if (place + sizeof(T) > bytes.size()) throw std::runtime_error("the WAV file ends too early");
    T value;
    std::memcpy(&value, bytes.data() + place, sizeof value);
    return value;
}

// What the chunk "fmt " says.
struct Format {
    std::uint16_t code = 0, channels = 0, bits = 0;
    std::uint32_t rate = 0;
};

Format format_at(const std::vector<char>& bytes, std::size_t place, std::size_t size) {
    constexpr std::uint16_t extensible = 0xFFFE;  // the code is at the end
    Format format;
    format.code = number_at<std::uint16_t>(bytes, place);
    format.channels = number_at<std::uint16_t>(bytes, place + 2);
    format.rate = number_at<std::uint32_t>(bytes, place + 4);
    format.bits = number_at<std::uint16_t>(bytes, place + 14);
    if (format.code == extensible && size >= 40) {
        format.code = number_at<std::uint16_t>(bytes, place + 24);
    }
    return format;
}

void check(const Format& format, const std::string& name) {
    if (format.channels == 0) throw std::runtime_error(name + " does not say what its samples are");
    if (format.code == 1 && format.bits == 16) return;
    const std::string kind = format.code == 1   ? "PCM"
                             : format.code == 3 ? "floating point"
                                                : "format " + std::to_string(format.code);
    throw std::runtime_error(name + " is " + kind + " of " + std::to_string(format.bits) +
                             " bits; only PCM of 16 bits is read");
}

Sound read(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + name);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    if (bytes.size() < 12 || std::memcmp(bytes.data(), "RIFF", 4) != 0 ||
        std::memcmp(bytes.data() + 8, "WAVE", 4) != 0) {
        throw std::runtime_error(name + " is no WAV file");
    }
    Format format;
    for (std::size_t at = 12; at + 8 <= bytes.size();) {
        const char* const chunk = bytes.data() + at;
        const std::size_t size = number_at<std::uint32_t>(bytes, at + 4), start = at + 8;
        if (std::memcmp(chunk, "fmt ", 4) == 0) {
            format = format_at(bytes, start, size);
        } else if (std::memcmp(chunk, "data", 4) == 0) {
            check(format, name);
            Sound sound{format.channels, format.rate, {}};
            for (std::size_t i = 0; i + 2 <= size && start + i + 2 <= bytes.size(); i += 2) {
                const auto sample = number_at<std::int16_t>(bytes, start + i);
                sound.samples.push_back(static_cast<float>(sample) / 32768);
            }
            return sound;
        }
        at = start + size + size % 2;
    }
    throw std::runtime_error(name + " has no samples");
}

void write(const std::string& name, const Sound& sound) {
    std::ofstream file(name, std::ios::binary);
    const auto put = [&](auto value) {
        file.write(reinterpret_cast<const char*>(&value), sizeof value);
    };
    const auto bytes = static_cast<std::uint32_t>(2 * sound.samples.size());
    file.write("RIFF", 4);
    put(36 + bytes);
    file.write("WAVEfmt ", 8);
    put(std::uint32_t{16});
    put(std::uint16_t{1});
    put(sound.channels);
    put(sound.rate);
    put(sound.rate * sound.channels * 2);
    put(static_cast<std::uint16_t>(sound.channels * 2));
    put(std::uint16_t{16});
    file.write("data", 4);
    put(bytes);
    for (const float sample : sound.samples) {
        put(static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.0f, 1.0f) * 32767)));
    }
    if (!file) throw std::runtime_error("cannot write " + name);
}

Sound chord() {
    Sound sound;
    for (std::uint32_t i = 0; i < 2 * sound.rate; ++i) {
        const double t = i / double(sound.rate), turn = 6.283185307179586 * t;
        const double tone = std::sin(220 * turn) + std::sin(277.2 * turn) + std::sin(329.6 * turn);
        sound.samples.push_back(static_cast<float>(tone * std::exp(-t) / 3));
    }
    return sound;
}

using Shape = void (*)(const float* x, float* y, std::size_t n) noexcept;

void tube(const float* x, float* y, std::size_t n) noexcept { nonlin::map(Tube{0.5f}, x, y, n); }

Shape shape_named(const std::string& name) {
    if (name == "tanh") return nonlin_tanh_f32;
    if (name == "mish") return nonlin_mish_f32;
    if (name == "softsign") return nonlin_softsign_f32;
    if (name == "tube") return tube;
    throw std::runtime_error("no shape " + name + "; choose tanh, mish, softsign or tube");
}

float number(const std::string& text) {
    char* end;
    const float value = std::strtof(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !std::isfinite(value)) {
        throw std::runtime_error("the drive is a number, such as 4, not " + text);
    }
    return value;
}

int run(const std::vector<std::string>& given) {
    if (given.size() != 2 && given.size() != 4) {
        std::cerr << "usage: waveshaper tanh|mish|softsign|tube DRIVE [IN.wav OUT.wav]\n";
        return 2;
    }
    const Shape shape = shape_named(given[0]);
    const float drive = number(given[1]);
    Sound sound = given.size() == 4 ? read(given[2]) : chord();

    nonlin_isa();  // before the audio thread starts: the library looks at the CPU
    std::vector<double> microseconds;
    float samples[block];
    for (std::size_t start = 0; start < sound.samples.size(); start += block) {
        const std::size_t n = std::min(block, sound.samples.size() - start);
        float* const at = sound.samples.data() + start;
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < n; ++i) samples[i] = drive * at[i];
        shape(samples, at, n);  // neither allocates nor locks nor calls the system
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        microseconds.push_back(took.count());
    }
    if (given.size() == 4) write(given[3], sound);
    if (microseconds.empty()) return 0;
    std::sort(microseconds.begin(), microseconds.end());
    const double length = 1e6 * block / (sound.rate * double(sound.channels));
    std::cout << given[0] << " on " << nonlin_isa() << ": " << microseconds.size() << " blocks of "
              << block << " samples; half of them took at most "
              << microseconds[microseconds.size() / 2] << " us, the longest " << microseconds.back()
              << " us, where " << length << " us of sound are in each\n";
    return 0;
}

}  // namespace

int main(int count, char** given) {
    try {
        return run(std::vector<std::string>(given + 1, given + count));
    } catch (const std::exception& error) {
        std::cerr << "waveshaper: " << error.what() << "\n";
        return 1;
    }
}
