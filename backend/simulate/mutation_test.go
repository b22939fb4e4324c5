package simulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var mutationsFlag = flag.String("mutations", "all", "plant these mutations: quick, all, none, or one by its name")

// mutation is a fault that is planted into a copy of the sources, to show that the
// checks can fail. The sources themselves stay as they are (go test -overlay).
type mutation struct {
	name    string
	breaks  string // the promise
	by      proof
	within  int      // seeds, or choices of the model
	expects []string // the checks that may catch it
	quick   bool     // planted in every run of the tests
	edits   []edit
}

// edit is one exact replacement. The text before must stand in the file once.
type edit struct{ file, before, after string }

// proof is what must catch a mutation: the simulation, the model, or a single test of
// what neither of them plays. broke is what they print with the seed, path or name.
type proof struct{ where, run, limit, broke, only string }

var (
	bySeeds = proof{"backend/simulate", "^TestSeeds$", "-seeds", "seed", ""}
	byModel = proof{"backend/engine", "^TestModel$", "-depth", "path", ""}
)

// bySeedsOf are those of one provider.
func bySeedsOf(provider string) proof {
	p := bySeeds
	p.only = provider
	return p
}

// byTest is a single test.
func byTest(where, name string) proof {
	return proof{where, "^" + name + "$", "-test.count", "--- FAIL:", ""}
}

// How long a mutant may take, and where the sources begin.
const (
	mutantLimit = 3 * time.Minute
	repository  = "../.."
)

// TestMutations plants each mutation and fails if nothing notices it, if its text is
// not in the sources any more, or if it does not compile.
func TestMutations(t *testing.T) {
	if *seedFlag != 0 || *mutationsFlag == "none" || testing.Short() {
		t.Skip("asked for with -mutations quick, all, or a name")
	}
	var table findings
	t.Run("plant", func(t *testing.T) {
		for _, m := range mutations {
			if *mutationsFlag != "all" && *mutationsFlag != m.name && (*mutationsFlag != "quick" || !m.quick) {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				table.add(m, m.caught(t))
			})
		}
	})
	if len(table.lines) == 0 && !t.Failed() {
		t.Errorf("no mutation %q", *mutationsFlag)
	}
	t.Log("\n" + table.String())
}

// finding is what noticed a mutation.
type finding struct {
	at     string // the seed or path
	checks []string
	build  time.Duration
	took   time.Duration
}

type findings struct {
	mu    sync.Mutex
	lines []string
}

func (f *findings) add(m mutation, by finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, fmt.Sprintf("%-36s built in %4.1fs, caught in %5.1fs by %-28s %s", m.name, by.build.Seconds(), by.took.Seconds(), by.at, strings.Join(by.checks, "; ")))
}

func (f *findings) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.lines, "\n")
}

// caught builds the mutant's tests and runs them until the first check fails.
func (m mutation) caught(t *testing.T) finding {
	t.Helper()
	folder := t.TempDir()
	began := time.Now()
	program, err := m.build(folder)
	if err != nil {
		t.Fatal(err)
	}
	f := finding{build: time.Since(began)}
	began = time.Now()
	output, err := m.first(t, program)
	f.took = time.Since(began)
	if err != nil {
		t.Fatalf("%s is not caught within %s %d (%s): %v\n%s", m.name, m.by.limit, m.within, m.breaks, err, tail(output))
	}
	f.at, f.checks = read(m.by, output)
	if !slices.ContainsFunc(f.checks, func(check string) bool { return slices.Contains(m.expects, check) }) {
		t.Errorf("%s is caught by %q, and one of %q was expected", m.name, f.checks, m.expects)
	}
	return f
}

// build compiles the tests over the mutated sources.
func (m mutation) build(folder string) (string, error) {
	replace := map[string]string{}
	for i, e := range m.edits {
		file, err := filepath.Abs(filepath.Join(repository, "backend", e.file))
		if err != nil {
			return "", err
		}
		from := file
		if replace[file] != "" {
			from = replace[file] // edited before
		}
		source, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if n := bytes.Count(source, []byte(e.before)); n != 1 {
			return "", fmt.Errorf("%s: in %s this stands %d times: %s", m.name, e.file, n, e.before)
		}
		replace[file] = filepath.Join(folder, fmt.Sprint(i)+filepath.Ext(file))
		if err := os.WriteFile(replace[file], bytes.Replace(source, []byte(e.before), []byte(e.after), 1), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay, program := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "mutant.test")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		return "", err
	}
	build := exec.Command("go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", program, "./"+m.by.where)
	build.Dir = repository
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not compile: %w\n%s", m.name, err, said)
	}
	return program, nil
}

// errUnnoticed: the mutant ran to its end, and every check held.
var errUnnoticed = errors.New("nothing is broken")

// first runs the mutant until a check has failed and been told in full.
func (m mutation) first(t *testing.T, program string) (output []byte, err error) {
	run := exec.Command(program, "-test.v", "-test.run", m.by.run, "-test.timeout", mutantLimit.String(), m.by.limit, fmt.Sprint(m.within))
	if m.by.only != "" {
		run.Args = append(run.Args, "-only", m.by.only)
	}
	run.Dir = filepath.Join(repository, m.by.where)
	pipe, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	run.Stderr = run.Stdout
	if err := run.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(pipe)
	broke, over := false, false
	for !over {
		line, readErr := lines.ReadBytes('\n')
		over = readErr != nil
		if readErr != nil && readErr != io.EOF {
			err = readErr
		}
		switch {
		case m.by.told().Match(line):
			broke = true
		case broke:
			over = over || !m.by.check(line)
		}
		if output = append(output, line...); len(output) > mostOutput {
			output = output[len(output)-mostOutput:]
		}
	}
	if killErr := run.Process.Kill(); killErr != nil && !errors.Is(killErr, os.ErrProcessDone) {
		t.Error(killErr)
	}
	ended := run.Wait()
	if broke { // it was killed, or its tests have failed: what it told counts
		return output, nil
	}
	return output, errors.Join(errUnnoticed, err, ended)
}

// mostOutput of a mutant is kept, in bytes.
const mostOutput = 256 << 10

func tail(output []byte) []byte { return output[max(0, len(output)-4000):] }

func (p proof) single() bool { return p.run != bySeeds.run && p.run != byModel.run }

// told finds the line that says which seed or path broke something, or that a test has
// failed, and check tells whether a line after it names a check.
func (p proof) told() *regexp.Regexp {
	if p.single() {
		return regexp.MustCompile(`(?m)^` + p.broke + ` (\S+)`)
	}
	return regexp.MustCompile(`\b` + p.broke + ` (\S+).* ?broke:`)
}

func (p proof) check(line []byte) bool {
	if p == byModel {
		return bytes.Contains(line, []byte("BROKEN "))
	}
	return p.run == bySeeds.run && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("replay:"))
}

// read finds in what the mutant told where it broke, and by which checks.
func read(by proof, output []byte) (at string, checks []string) {
	begin := by.told().FindSubmatchIndex(output)
	if begin == nil {
		return "", nil
	}
	at = string(output[begin[2]:begin[3]])
	if by.single() {
		return at, []string{at}
	}
	at = by.broke + " " + at
	seen := map[string]bool{}
	for line := range bytes.Lines(output[begin[1]:]) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !by.check(line) {
			break
		}
		check, _, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(line)), "BROKEN "), ": ")
		if found && !seen[check] {
			seen[check] = true
			checks = append(checks, check)
		}
	}
	return at, checks
}
