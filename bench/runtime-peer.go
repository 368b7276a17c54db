// Go's channels on the programs of bench/runtime-programs.ts: runtime-peer PROGRAM COUNT prints nanoseconds of CPU per rendezvous or selection, and a result.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"syscall"
)

func cpu() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func pingPong(count int) (int, int) {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := 0; i < count; i++ {
			back <- <-there + 1
		}
	}()
	var sum int32
	for i := 0; i < count; i++ {
		there <- i
		sum += int32(<-back)
	}
	return 2 * count, int(sum)
}

func pipeline(count int) (int, int) {
	pipe := make(chan int, 64)
	go func() {
		for i := 0; i < count; i++ {
			pipe <- i
		}
	}()
	var sum int32
	for i := 0; i < count; i++ {
		sum += int32(<-pipe)
	}
	return count, int(sum)
}

func commstime(count int) (int, int) {
	a, b, c, d := make(chan int), make(chan int), make(chan int), make(chan int)
	go func() {
		a <- 0
		for {
			a <- <-c
		}
	}()
	go func() {
		for {
			v := <-a
			b <- v
			d <- v
		}
	}()
	go func() {
		for {
			c <- <-b + 1
		}
	}()
	var sum int32
	for i := 0; i < count; i++ {
		sum += int32(<-d)
	}
	return 4 * count, int(sum)
}

func ring(count int) (int, int) {
	const size = 1000
	first := make(chan int)
	in := first
	for i := 1; i < size; i++ {
		out := make(chan int)
		go func(in, out chan int) {
			for {
				out <- <-in + 1
			}
		}(in, out)
		in = out
	}
	rounds := count / size
	token := 0
	for i := 0; i < rounds; i++ {
		first <- token
		token = <-in + 1
	}
	return rounds * size, token
}

func produce(channels []chan int) {
	for i := range channels {
		go func(i int) {
			for {
				channels[i] <- i
			}
		}(i)
	}
}

func selectOf2(count int) (int, int) {
	channels := []chan int{make(chan int), make(chan int)}
	produce(channels)
	sum := 0
	for i := 0; i < count; i++ {
		select {
		case <-channels[0]:
			sum++
		case <-channels[1]:
			sum++
		}
	}
	return count, sum
}

func selectOf(size, count int) (int, int) {
	channels, cases := cases(size)
	produce(channels)
	sum := 0
	for i := 0; i < count; i++ {
		reflect.Select(cases)
		sum++
	}
	return count, sum
}

func cases(size int) ([]chan int, []reflect.SelectCase) {
	channels := make([]chan int, size)
	cases := make([]reflect.SelectCase, size)
	for i := range channels {
		channels[i] = make(chan int)
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channels[i])}
	}
	return channels, cases
}

func sendInTurn(channels []chan int, count int) {
	for i := 0; i < count; i++ {
		channels[(i*7919)%len(channels)] <- 1
	}
}

func coldSelectOf2(count int) (int, int) {
	channels := []chan int{make(chan int), make(chan int)}
	go sendInTurn(channels, count)
	sum := 0
	for i := 0; i < count; i++ {
		select {
		case v := <-channels[0]:
			sum += v
		case v := <-channels[1]:
			sum += v
		}
	}
	return count, sum
}

func coldSelectOf(size, count int) (int, int) {
	channels, cases := cases(size)
	go sendInTurn(channels, count)
	sum := 0
	for i := 0; i < count; i++ {
		_, v, _ := reflect.Select(cases)
		sum += int(v.Int())
	}
	return count, sum
}

func million(count int) (int, int) {
	channels := make([]chan int, count)
	done := make(chan bool)
	sum, left := 0, count
	for i := range channels {
		channels[i] = make(chan int)
		go func(channel chan int) {
			sum += <-channel
			left--
			if left == 0 {
				done <- true
			}
		}(channels[i])
	}
	runtime.Gosched()
	for i, channel := range channels {
		channel <- i
	}
	<-done
	return count, sum
}

func used() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

func memory(count int) (int, int) {
	channels := make([]chan int, count)
	before := used()
	for i := range channels {
		channels[i] = make(chan int)
		go func(channel chan int) { <-channel }(channels[i])
	}
	runtime.Gosched()
	bytes := int(used()-before) / count
	runtime.KeepAlive(channels)
	return count, bytes
}

func main() {
	runtime.GOMAXPROCS(1)
	count, _ := strconv.Atoi(os.Args[2])
	programs := map[string]func(int) (int, int){
		"ping-pong":       pingPong,
		"pipeline":        pipeline,
		"commstime":       commstime,
		"ring":            ring,
		"choice-2":        selectOf2,
		"choice-16":       func(n int) (int, int) { return selectOf(16, n/4) },
		"choice-256":      func(n int) (int, int) { return selectOf(256, n/64) },
		"cold-choice-2":   coldSelectOf2,
		"cold-choice-16":  func(n int) (int, int) { return coldSelectOf(16, n/4) },
		"cold-choice-256": func(n int) (int, int) { return coldSelectOf(256, n/64) },
		"million":         million,
		"memory":          memory,
	}
	program := programs[os.Args[1]]
	if os.Args[1] != "memory" {
		program(count / 10)
	}
	before := cpu()
	operations, result := program(count)
	fmt.Printf("{\"nanoseconds\":%f,\"operations\":%d,\"result\":%d}\n", float64(cpu()-before)/float64(operations), operations, result)
}
