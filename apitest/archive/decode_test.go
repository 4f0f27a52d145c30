package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
)

func TestTheHeadOfAResultIsEnough(t *testing.T) {
	t.Parallel()
	r := result(time.Minute)
	for range run.MaxSamples {
		r.Errors = append(r.Errors, run.ErrorSample{Class: "http_500", Body: strings.Repeat("x", run.MaxSampleBody)})
	}
	r.Config.Protocol, r.Stream = run.ProtocolStream, &run.StreamMetrics{Events: 1000, EventsPerSecond: 100}
	text, err := json.Marshal(r)
	require.NoError(t, err)

	const little = 4 << 10
	begins := io.MultiReader(bytes.NewReader(text[:little]), iotest.ErrReader(errors.New("read too much")))
	head, err := decodeHead(begins)
	require.NoError(t, err)
	require.Equal(t, r.Summary(), head.Summary())
	require.Equal(t, r.Config.Key(), head.Config.Key())

	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	text, err = json.Marshal(fields) // in the order of the alphabet
	require.NoError(t, err)
	head, err = decodeHead(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, r.Summary(), head.Summary())
}

func TestWhatHasNoHead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "{}", "[]", "null", `{"test_id": "a"}`, `{"test_id": 1}`, `{"other": {`, `{"test_id"`} {
		_, err := decodeHead(strings.NewReader(text))
		require.Error(t, err, text)
	}
}

func FuzzDecodeHead(f *testing.F) {
	text, err := json.Marshal(result(0))
	require.NoError(f, err)
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Fuzz(func(t *testing.T, text []byte) {
		if head, err := decodeHead(bytes.NewReader(text)); err == nil {
			require.NotEmpty(t, head.Config.Key())
		}
	})
}
