"""The reference of the passport figure: an empty FastAPI route, served with the settings of `chain-service serve`."""

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def empty() -> dict[str, str]:
    """Nothing at all."""
    return {}


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False, server_header=False
    )
