package command

import (
	"bufio"
	"os"
	"os/user"

	"github.com/mattn/go-isatty"
)

// interactive tells whether somebody can be asked: whether standard input is a
// terminal.
func (c *cli) interactive() bool {
	file, ok := c.stdin.(*os.File)
	return ok && (isatty.IsTerminal(file.Fd()) || isatty.IsCygwinTerminal(file.Fd()))
}

// typed gives what is typed, line by line, as long as the program runs: a line
// that somebody waited for in vain is for the next one who asks.
func (c *cli) typed() <-chan string {
	c.reading.Do(func() {
		c.lines = make(chan string)
		go func() {
			for scanner := bufio.NewScanner(c.stdin); scanner.Scan(); {
				c.lines <- scanner.Text()
			}
		}()
	})
	return c.lines
}

// operatorName is who works here as far as the system knows.
func operatorName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "command line"
}
