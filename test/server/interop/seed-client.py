"""A client written to the original service's description: no subprotocol, every frame a ChatMessage."""
import asyncio
import sys

import websockets


async def main(url):
    async with websockets.connect(url) as socket:
        async def read():
            async for frame in socket:
                print(frame, flush=True)

        reading = asyncio.ensure_future(read())
        print('"open"', flush=True)
        loop = asyncio.get_running_loop()
        while True:
            line = await loop.run_in_executor(None, sys.stdin.readline)
            if not line:
                break
            await socket.send(line.strip())
        reading.cancel()


asyncio.run(main(sys.argv[1]))
