package histogram

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Interval is a stretch of time with the text of its histogram, as in a Snapshot.
type Interval struct {
	Start  time.Time
	Length time.Duration
	HDR    string
}

// WriteLog writes a log of HdrHistogram in version 1.3, as its tools read it: a line for each interval that is not empty. Start times
// count from base, histograms are in microseconds, the maximum in the third column is in milliseconds. It fails with ErrCorrupt.
func WriteLog(w io.Writer, base time.Time, intervals []Interval) error {
	out := bufio.NewWriter(w)
	secs := float64(base.UnixMilli()) / 1000
	fmt.Fprintln(out, "#[Histogram log format version 1.3]")
	fmt.Fprintf(out, "#[BaseTime: %.3f (seconds since epoch)]\n", secs)
	fmt.Fprintf(out, "#[StartTime: %.3f (seconds since epoch), %s]\n", secs, base.UTC().Format(time.RFC3339))
	fmt.Fprintln(out, `"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"`)
	for _, i := range intervals {
		h, err := FromHDR(i.HDR)
		if err != nil {
			return err
		}
		if h.Count() > 0 {
			fmt.Fprintf(out, "%.3f,%.3f,%.3f,%s\n", i.Start.Sub(base).Seconds(), i.Length.Seconds(), float64(h.Max())/1000, i.HDR)
		}
	}
	return out.Flush()
}
