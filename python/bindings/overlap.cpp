#include "overlap.h"

#include <algorithm>

namespace nonlin::python {
namespace {

struct Dimension {
    std::ptrdiff_t step, steps;  // its length, in bytes and positive; how many there are
};

bool empty(const DeviceArray& a) {
    return std::find(a.shape.begin(), a.shape.end(), std::size_t{0}) != a.shape.end();
}

// The first byte of an array, and the one behind its last.
std::pair<const char*, const char*> extent(const DeviceArray& a) {
    const char *low = a.at, *high = a.at + size_of(a.item);
    for (std::size_t d = 0; d < a.shape.size(); ++d) {
        const std::ptrdiff_t reach = static_cast<std::ptrdiff_t>(a.shape[d] - 1) * a.steps[d];
        (reach < 0 ? low : high) += reach;
    }
    return {low, high};
}
bool extents_meet(const DeviceArray& a, const DeviceArray& b) {
    if (empty(a) || empty(b)) return false;
    const auto x = extent(a), y = extent(b);
    return x.first < y.second && y.first < x.second;
}

// The dimensions that have steps, the longest first.
std::vector<Dimension> dimensions(const DeviceArray& a) {
    std::vector<Dimension> found;
    for (std::size_t d = 0; d < a.shape.size(); ++d) {
        if (a.shape[d] < 2) continue;
        const std::ptrdiff_t step = a.steps[d] < 0 ? -a.steps[d] : a.steps[d];
        found.push_back({step, static_cast<std::ptrdiff_t>(a.shape[d] - 1)});
    }
    std::sort(found.begin(), found.end(),
              [](const Dimension& x, const Dimension& y) { return x.step > y.step; });
    return found;
}

// Whether each step is longer than all shorter ones together: then every element has a place of its
// own.
bool nested(const std::vector<Dimension>& all, std::size_t size) {
    auto reach = static_cast<std::ptrdiff_t>(size);
    for (auto d = all.rbegin(); d != all.rend(); ++d) {
        if (d->step < reach) return false;
        reach += d->step * d->steps;
    }
    return true;
}

// Whether steps, forth or back, lead to less than an item from `rest`. Of nested ones at most two
// numbers of a dimension's steps leave what the shorter ones can make up for.
bool leads_to(std::ptrdiff_t rest, const std::vector<Dimension>& all, std::size_t first,
              std::ptrdiff_t size) {
    if (first == all.size()) return -size < rest && rest < size;
    const Dimension& d = all[first];
    const std::ptrdiff_t below = rest / d.step - (rest % d.step < 0 ? 1 : 0);
    for (const std::ptrdiff_t n : {below, below + 1}) {
        const bool there = -d.steps <= n && n <= d.steps;
        if (there && leads_to(rest - n * d.step, all, first + 1, size)) return true;
    }
    return false;
}

}  // namespace

bool meet(const DeviceArray& a, const DeviceArray& b) {
    if (!extents_meet(a, b)) return false;
    const std::vector<Dimension> all = dimensions(a);
    const std::size_t size = size_of(a.item);
    if (a.shape != b.shape || a.steps != b.steps || a.item != b.item || !nested(all, size)) {
        return true;
    }
    return leads_to(b.at - a.at, all, 0, static_cast<std::ptrdiff_t>(size));
}

bool clash(const DeviceArray& a, const DeviceArray& b) {
    if (a.at == b.at && a.shape == b.shape && a.steps == b.steps && a.item == b.item) return false;
    return extents_meet(a, b);
}

bool repeats(const DeviceArray& array) {
    return !empty(array) && !nested(dimensions(array), size_of(array.item));
}

}  // namespace nonlin::python
