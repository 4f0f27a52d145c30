// Package histogram keeps distributions of times that merge without loss: high dynamic range histograms of microseconds,
// 1 µs to 1 h with three significant digits, with exact count, minimum, maximum and sum beside the bins. Their text form is
// the V2 encoding of HdrHistogram (zlib, base64), so any HdrHistogram library can read it.
package histogram
