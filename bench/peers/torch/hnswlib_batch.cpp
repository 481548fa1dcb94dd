// hnswlib for batches of queries, called by ctypes from retrieval.py:
//   g++ -O3 -march=native -fopenmp -shared -fPIC hnswlib_batch.cpp -o hnswlib_batch.so
//
// Debian's python3-hnswlib is compiled for any processor of its kind and starts threads for each call; this has the kernels of
// the processor and OpenMP's threads, which are those of PyTorch's own loops.
//
// ip: InnerProductSpace as it is. l2: the reduction of inner product to Euclidean distance by one added dimension (Bachrach et
// al. 2014), items (b, sqrt(max^2 - |b|^2)) and queries (q, 0). Rows are filled up with zeros to a multiple of 16 numbers, which
// hnswlib's widest kernels want.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Graph {
    size_t dim, width;
    bool augmented;
    double longest2 = 0;  // max^2
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> index;

    Graph(size_t dimension, bool l2) : dim(dimension), augmented(l2) {
        width = (dim + (augmented ? 1 : 0) + 15) / 16 * 16;
        if (augmented) space.reset(new hnswlib::L2Space(width));
        else space.reset(new hnswlib::InnerProductSpace(width));
    }
};

double norm2(const float* row, size_t n) {
    double sum = 0;
    for (size_t j = 0; j < n; j++) sum += static_cast<double>(row[j]) * row[j];
    return sum;
}

double longest(const float* rows, size_t count, size_t dim) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = std::max(most, norm2(rows + i * dim, dim));
    return most;
}

}  // namespace

extern "C" {

// Builds over rows [count, dim]; null where memory is short or a row is refused.
Graph* graph_build(const float* rows, int64_t count, int64_t dim, int l2, int m, int ef_construction, int threads) try {
    std::unique_ptr<Graph> graph(new Graph(dim, l2 != 0));
    graph->index.reset(new hnswlib::HierarchicalNSW<float>(graph->space.get(), count, m, ef_construction));
    if (l2) graph->longest2 = longest(rows, count, dim);
    auto add = [&](int64_t i, std::vector<float>& wide) {
        std::copy_n(rows + i * dim, dim, wide.begin());
        if (l2) wide[dim] = static_cast<float>(std::sqrt(std::max(0.0, graph->longest2 - norm2(rows + i * dim, dim))));
        graph->index->addPoint(wide.data(), i);
    };
    std::vector<float> first(graph->width, 0);
    add(0, first);
#pragma omp parallel num_threads(threads)
    {
        std::vector<float> wide(graph->width, 0);
#pragma omp for schedule(dynamic, 64)
        for (int64_t i = 1; i < count; i++) add(i, wide);
    }
    return graph.release();
} catch (...) {
    return nullptr;
}

int graph_save(Graph* graph, const char* path) try {
    graph->index->saveIndex(path);
    return 0;
} catch (...) {
    return 1;
}

// rows: those it was built on, for the longest among them.
Graph* graph_load(const char* path, const float* rows, int64_t count, int64_t dim, int l2) try {
    std::unique_ptr<Graph> graph(new Graph(dim, l2 != 0));
    graph->index.reset(new hnswlib::HierarchicalNSW<float>(graph->space.get(), std::string(path)));
    if (l2) graph->longest2 = longest(rows, count, dim);
    return graph.release();
} catch (...) {
    return nullptr;
}

void graph_free(Graph* graph) { delete graph; }

// Items [count, k] and their inner products; returns how many places stayed empty, which have item 0 and score -inf.
int64_t graph_search(Graph* graph, const float* queries, int64_t count, int k, int ef, int threads, int64_t* items, float* scores) {
    graph->index->setEf(ef);
    int64_t missing = 0;
#pragma omp parallel num_threads(threads) reduction(+ : missing)
    {
        std::vector<float> wide(graph->width, 0);
#pragma omp for schedule(dynamic, 1)
        for (int64_t q = 0; q < count; q++) {
            std::copy_n(queries + q * graph->dim, graph->dim, wide.begin());
            auto nearest = graph->index->searchKnn(wide.data(), k);
            double h2 = graph->augmented ? norm2(wide.data(), graph->dim) : 0;
            for (int i = k - 1; i >= 0; i--) {
                if (static_cast<size_t>(i) >= nearest.size()) {
                    items[q * k + i] = 0;
                    scores[q * k + i] = -INFINITY;
                    missing++;
                    continue;
                }
                float distance = nearest.top().first;
                items[q * k + i] = static_cast<int64_t>(nearest.top().second);
                scores[q * k + i] = graph->augmented ? static_cast<float>((graph->longest2 + h2 - distance) / 2) : 1 - distance;
                nearest.pop();
            }
        }
    }
    return missing;
}
}
