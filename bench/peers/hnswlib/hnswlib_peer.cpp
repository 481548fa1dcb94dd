// The peer that people know: hnswlib (Debian's libhnswlib-dev), measured as our own index is measured, on the same files
// and with the same arguments (see bench/compare-index). It writes the same CSV lines.
//
//   hnswlib_peer --metric ip|l2 --data FOLDER --out CSV --name NAME --m 32 --ef-construction 100 --pad 1
//                --version VERSION --grid "10:10,16;256:256,512" --threads 1,2 --seconds 0.3 --passes 3 --limit 4 --latencies 10000
//
// ip: InnerProductSpace as it is. l2: the reduction of inner product to Euclidean distance by one added dimension
// (Bachrach et al. 2014), items (b, sqrt(max^2 - |b|^2)) and queries (q, 0): raw inner product fails on uneven norms, and
// a peer is to be met at its best. --pad rounds the dimensions up with zeros: hnswlib's widest kernels want multiples of 16.
//
// Threads are used as hnswlib's Python binding does: std::thread over an atomic counter, the first item on its own.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

using Index = hnswlib::HierarchicalNSW<float>;

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::stringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

// A number of a flat JSON file, by its name.
static long json_number(const std::string& text, const std::string& name) {
    size_t at = text.find("\"" + name + "\":");
    if (at == std::string::npos) throw std::runtime_error("meta.json has no " + name);
    return std::stol(text.substr(at + name.size() + 3));
}

static std::string json_text(const std::string& text, const std::string& name) {
    size_t at = text.find("\"" + name + "\":");
    if (at == std::string::npos) throw std::runtime_error("meta.json has no " + name);
    size_t first = text.find('"', at + name.size() + 3) + 1;
    return text.substr(first, text.find('"', first) - first);
}

template <class T>
static std::vector<T> read_all(const std::string& path, size_t count) {
    std::vector<T> values(count);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(T))))
        throw std::runtime_error("cannot read " + path);
    return values;
}

template <class F>
static void parallel_for(size_t first, size_t end, int threads, F work) {
    if (threads <= 1) {
        for (size_t i = first; i < end; i++) work(i);
        return;
    }
    std::atomic<size_t> next(first);
    std::vector<std::thread> team;
    for (int t = 0; t < threads; t++)
        team.emplace_back([&] {
            for (size_t i; (i = next.fetch_add(1)) < end;) work(i);
        });
    for (auto& thread : team) thread.join();
}

struct Arguments {
    std::map<std::string, std::string> values;
    Arguments(int count, char** words) {
        for (int i = 1; i + 1 < count; i += 2) values[words[i]] = words[i + 1];
    }
    const std::string& text(const std::string& name) const {
        auto found = values.find(name);
        if (found == values.end()) throw std::runtime_error("missing argument " + name);
        return found->second;
    }
    double number(const std::string& name) const { return std::stod(text(name)); }
};

struct Peer {
    const Arguments& args;
    std::string folder, meta, dataset;
    size_t items, dim, width, queries, truth_k;
    bool augmented;
    double seconds, limit;
    int passes, latencies;
    std::vector<int> threads, truth;
    std::vector<float> query_rows;
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<Index> index;
    std::ofstream out;

    explicit Peer(const Arguments& a) : args(a), folder(a.text("--data")) {
        std::ifstream file(folder + "/meta.json");
        meta.assign(std::istreambuf_iterator<char>(file), {});
        dataset = json_text(meta, "name");
        items = json_number(meta, "items"), dim = json_number(meta, "dim");
        queries = json_number(meta, "queries"), truth_k = json_number(meta, "truth_k");
        augmented = a.text("--metric") == "l2";
        size_t pad = static_cast<size_t>(a.number("--pad"));
        width = (dim + (augmented ? 1 : 0) + pad - 1) / pad * pad;
        seconds = a.number("--seconds"), limit = a.number("--limit");
        passes = static_cast<int>(a.number("--passes")), latencies = static_cast<int>(a.number("--latencies"));
        for (auto& part : split(a.text("--threads"), ',')) threads.push_back(std::stoi(part));
        std::vector<float> rows = read_all<float>(folder + "/queries.f32", queries * dim);
        query_rows.assign(queries * width, 0);
        for (size_t q = 0; q < queries; q++) std::copy_n(&rows[q * dim], dim, &query_rows[q * width]);
        truth = read_all<int>(folder + "/truth.i32", queries * truth_k);
        if (augmented) space.reset(new hnswlib::L2Space(width));
        else space.reset(new hnswlib::InnerProductSpace(width));
        out.open(a.text("--out") + ".part");
        out << "dataset,library,measure,k,threads,ef,recall,value,note\n";
    }

    void add(const char* measure, double value, int k = 0, int t = 0, int ef = 0, double recall = NAN) {
        auto whole = [](int n) { return n == 0 ? std::string() : std::to_string(n); };
        char number[64], share[64] = "";
        std::snprintf(number, sizeof number, "%.8g", value);
        if (!std::isnan(recall)) std::snprintf(share, sizeof share, "%.8g", recall);
        out << dataset << ',' << args.text("--name") << ',' << measure << ',' << whole(k) << ',' << whole(t) << ','
            << whole(ef) << ',' << share << ',' << number << ",\n";
    }

    static double norm2(const float* row, size_t n) {
        double sum = 0;
        for (size_t j = 0; j < n; j++) sum += static_cast<double>(row[j]) * row[j];
        return sum;
    }

    // Calls work with blocks of rows, so that the peak memory is the index's and not the file's.
    void each_block(const std::function<void(size_t, size_t, std::vector<float>&)>& work) {
        const size_t block = 1 << 16;
        std::ifstream file(folder + "/items.f32", std::ios::binary);
        for (size_t first = 0; first < items; first += block) {
            size_t count = std::min(block, items - first);
            std::vector<float> rows(count * dim);
            if (!file.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(float))))
                throw std::runtime_error("cannot read the items");
            work(first, count, rows);
        }
    }

    void build() {
        double longest = 0, spent = 0;
        if (augmented)
            each_block([&](size_t, size_t count, std::vector<float>& rows) {
                for (size_t i = 0; i < count; i++) longest = std::max(longest, norm2(&rows[i * dim], dim));
            });
        int team = threads.back();
        index.reset(new Index(space.get(), items, static_cast<size_t>(args.number("--m")),
                              static_cast<size_t>(args.number("--ef-construction"))));
        each_block([&](size_t first, size_t count, std::vector<float>& rows) {
            std::vector<float> wide(count * width, 0);
            for (size_t i = 0; i < count; i++) {
                std::copy_n(&rows[i * dim], dim, &wide[i * width]);
                if (augmented)
                    wide[i * width + dim] = static_cast<float>(std::sqrt(std::max(0.0, longest - norm2(&rows[i * dim], dim))));
            }
            double start = now();
            size_t begin = 0;
            if (first == 0) index->addPoint(&wide[0], 0), begin = 1;
            parallel_for(begin, count, team, [&](size_t i) { index->addPoint(&wide[i * width], first + i); });
            spent += now() - start;
        });
        // Vectors and links as allocated; the locks and the table of labels come on top of them, in the peak alone.
        double bytes = static_cast<double>(items) * static_cast<double>(index->size_data_per_element_);
        for (size_t i = 0; i < items; i++) bytes += static_cast<double>(index->element_levels_[i]) * index->size_links_per_element_;
        add("build_seconds", spent, 0, team);
        add("bytes_with_items", bytes);
        add("bytes_beside_items", bytes - 4.0 * items * dim);
        add("peak_rss_bytes", peak_rss());
        out << dataset << ',' << args.text("--name") << ",about,,,,,,hnswlib " << args.text("--version") << "; g++ " << __VERSION__
            << " -O3 -march=native; " << (augmented ? "L2 with one added dimension" : "raw inner product") << "; vectors of "
            << width << " numbers\n";
    }

    static double peak_rss() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);)
            if (line.rfind("VmHWM:", 0) == 0) return 1024.0 * std::stod(line.substr(6));
        return NAN;
    }

    void search_all(int k, int team, std::vector<int>& found) {
        parallel_for(0, queries, team, [&](size_t q) {
            auto nearest = index->searchKnn(&query_rows[q * width], k);
            // Worst first; where the graph reached fewer, the first places stay empty.
            for (size_t i = nearest.size(); i > 0; i--, nearest.pop()) found[q * k + i - 1] = static_cast<int>(nearest.top().second);
        });
    }

    double recall(int k, const std::vector<int>& found) const {
        size_t hits = 0;
        for (size_t q = 0; q < queries; q++) {
            std::unordered_set<int> exact(&truth[q * truth_k], &truth[q * truth_k] + k);
            for (int i = 0; i < k; i++) hits += exact.erase(found[q * k + i]);
        }
        return static_cast<double>(hits) / static_cast<double>(queries * k);
    }

    // Seconds a call in the best pass; the rules are those of Measuring/Timing.cs.
    double best(const std::function<void()>& call, double once, bool warm) const {
        if (warm && once > 1) return once;
        int rounds = once > 1 ? 1 : once > 0.5 ? std::min(2, passes) : passes;
        double fastest = INFINITY;
        for (int pass = 0; pass < rounds; pass++) {
            double start = now(), elapsed;
            int calls = 0;
            do call(), calls++, elapsed = now() - start;
            while (elapsed < seconds);
            fastest = std::min(fastest, elapsed / calls);
        }
        return fastest;
    }

    void latency(int k, int ef, double recall) {
        std::vector<double> times(latencies);
        for (int i = 0; i < latencies; i++) {
            const float* query = &query_rows[(i % queries) * width];
            double start = now();
            auto nearest = index->searchKnn(query, k);
            times[i] = 1e6 * (now() - start);
        }
        std::sort(times.begin(), times.end());
        auto at = [&](double share) { return times[std::min<size_t>(share * latencies, latencies - 1)]; };
        add("latency_p50_us", at(0.5), k, 1, ef, recall);
        add("latency_p99_us", at(0.99), k, 1, ef, recall);
        add("latency_p999_us", at(0.999), k, 1, ef, recall);
    }

    void curve(int k, const std::vector<int>& widths) {
        std::vector<int> found(queries * k, -1);
        const double wanted[] = {0.95, 0.99};
        size_t next = k == 10 ? 0 : 2;
        for (int ef : widths) {
            index->setEf(ef);
            double share = 0, slowest = 0;
            for (auto team = threads.rbegin(); team != threads.rend(); ++team) {
                auto call = [&] { search_all(k, *team, found); };
                double start = now();
                std::fill(found.begin(), found.end(), -1);
                call();
                double once = now() - start;
                if (team == threads.rbegin()) share = recall(k, found);
                double time = best(call, once, team != threads.rbegin());
                slowest = std::max(slowest, time);
                add("qps", queries / time, k, *team, ef, share);
            }
            size_t before = next;
            while (next < 2 && share >= wanted[next]) next++;
            if (next > before) latency(k, ef, share);
            if (share >= 0.9995 || slowest > limit) break;
        }
    }

    void run() {
        build();
        for (auto& part : split(args.text("--grid"), ';')) {
            auto sides = split(part, ':');
            std::vector<int> widths;
            for (auto& width_text : split(sides.at(1), ',')) widths.push_back(std::stoi(width_text));
            curve(std::stoi(sides.at(0)), widths);
        }
        out.close();
        if (std::rename((args.text("--out") + ".part").c_str(), args.text("--out").c_str()) != 0)
            throw std::runtime_error("cannot write " + args.text("--out"));
    }
};

int main(int count, char** words) {
    try {
        Arguments arguments(count, words);
        Peer(arguments).run();
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "hnswlib_peer: " << e.what() << "\n";
        return 1;
    }
}
