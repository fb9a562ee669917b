"""RTK's CPU FDK on frames that are already weighted for the short scan; run as a program of its own.

usage: rtk_fdk.py FRAMES.npy GEOMETRY.xml PIXEL_MM VOXEL_MM SIZE OUT.npy
RTK's own Parker filter is left out: on these sweeps it takes the weights in the wrong sense. Prints the
seconds that filter and back-projection took and the process's peak memory in MB.
"""

from __future__ import annotations

import sys
import time

import itk
import numpy as np
from itk import RTK as rtk  # noqa: N811
from speed import memory_mb

TRUNCATION = 0.6  # the best of 0, 0.3, 0.5, 0.6, 0.7 and 1 on the truncated sweep


def reconstruct(frames, geometry_file, pixel_mm, voxel_mm, size):
    """Return attenuation per mm as RTK lays it out, and the seconds it took."""
    image_type = itk.Image[itk.F, 3]
    reader = rtk.ThreeDCircularProjectionGeometryXMLFileReader.New(Filename=geometry_file)
    reader.GenerateOutputInformation()
    projections = itk.image_view_from_array(frames)
    count, rows, columns = frames.shape
    projections.SetSpacing([pixel_mm, pixel_mm, 1.0])
    projections.SetOrigin([-pixel_mm * (columns - 1) / 2, -pixel_mm * (rows - 1) / 2, 0.0])
    grid = rtk.ConstantImageSource[image_type].New()
    grid.SetSize(list(size))
    grid.SetSpacing([voxel_mm] * 3)
    grid.SetOrigin([-voxel_mm * (n - 1) / 2 for n in size])
    fdk = rtk.FDKConeBeamReconstructionFilter[image_type].New()
    fdk.SetInput(0, grid.GetOutput())
    fdk.SetInput(1, projections)
    fdk.SetGeometry(reader.GetOutputObject())
    fdk.GetRampFilter().SetHannCutFrequency(0.8)
    fdk.GetRampFilter().SetTruncationCorrection(TRUNCATION)
    start = time.perf_counter()
    fdk.Update()
    seconds = time.perf_counter() - start
    return itk.array_from_image(fdk.GetOutput()), seconds


def main():
    """Read, reconstruct, write."""
    frames_file, geometry_file, pixel_mm, voxel_mm, size, out = sys.argv[1:]
    frames = np.load(frames_file)
    size = [int(n) for n in size.split("x")]
    volume, seconds = reconstruct(frames, geometry_file, float(pixel_mm), float(voxel_mm), size)
    np.save(out, volume)
    print(f"{seconds:.2f} {memory_mb('VmHWM'):.0f}")


if __name__ == "__main__":
    main()
